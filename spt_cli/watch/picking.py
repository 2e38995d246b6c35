"""Which runs a screen shows and in which order, from look to look: only what changed is looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spt_cli.choice.names import LENGTHS, Names
from spt_cli.choice.selection import select
from spt_cli.choice.sorting import Placed, ordered
from spt_cli.model import Run
from spt_cli.watch.watching import Choice

_PATIENCE = 10.0  # seconds in which ages alone change nothing


class Picker:
    """The runs that a choice means, out of those that were seen last."""

    def __init__(self, choice: Choice) -> None:
        self.rows: Sequence[Run] = ()  # the chosen ones, in their order
        self.names = Names(())  # of all runs
        self.unknown: Sequence[str] = ()  # what is to be said of names that no run has
        self.fresh: Sequence[Run] = ()  # of all runs those that the last look found new or changed
        self._choice = choice
        self._runs: Mapping[str, Run] = {}
        self._held: dict[str, Run] = {}  # of the chosen ones, by id
        self._placed: dict[str, Placed] = {}
        self._looked = 0.0

    @property
    def choice(self) -> Choice:
        """What is chosen."""
        return self._choice

    def choose(self, choice: Choice, *, now: float) -> None:
        """Another choice out of the same runs."""
        self._choice = choice
        self._pick(now, anew=True)

    def look(self, runs: Mapping[str, Run], *, now: float) -> bool:
        """Takes *runs*, all that there are at the clock *now* (s since 1970); whether there was anything to look at."""
        seen, self._runs = self._runs, runs
        self.fresh = [run for run_id, run in runs.items() if seen.get(run_id) is not run]
        gone = any(run_id not in runs for run_id in seen)
        timed = self._choice.timed and now - self._looked >= _PATIENCE
        if not (self.fresh or gone or timed):
            return False
        known = self.names.metrics, self.names.hparams  # collected before they grow, so that they can
        self.names = self.names.grown(runs.values(), self.fresh)
        others = self.names.metrics is not known[0] or self.names.hparams is not known[1]
        self._pick(now, anew=others or timed)
        return True

    def _pick(self, now: float, *, anew: bool) -> None:
        """Chooses and orders: all runs *anew*, for what a name means may have changed, else those that are fresh."""
        said: dict[str, None] = {}
        if anew:
            self._held, self._placed, self._looked = {}, {}, now
        looked_at = self._runs.values() if anew else self.fresh
        chosen = select(looked_at, self._choice.selection, now=now, unknown=said.setdefault, names=self.names)
        held = {run_id: self._runs[run_id] for run_id in self._held if run_id in self._runs}
        for run in looked_at:
            held.pop(run.run_id, None)
        self._held = held | {run.run_id: run for run in chosen}
        by = self._choice.by
        placed = {} if any(key.name in LENGTHS for key in by) else self._placed
        found = ordered(self._held.values(), by, names=self.names, now=now, unknown=said.setdefault, known=placed)
        self._placed = {run_id: place for run_id, place in placed.items() if run_id in self._held}
        self.rows = found[: self._choice.limit]
        self.unknown = tuple(said)
