"""Wait for runs: whether `--until` is met."""

from __future__ import annotations

from collections.abc import Callable, Collection

from msgspec import Struct

from spt_cli.choice.names import LENGTHS, MOMENTS, Names
from spt_cli.choice.where import Where, parse
from spt_cli.model import Run


class Until(Struct, frozen=True):
    """What is waited for."""

    where: Where
    one_is_enough: bool = False

    @property
    def timed(self) -> bool:
        """Whether it can be met while no run changes: `age > "2h"`."""
        return any(map(self.where.mentions, MOMENTS | LENGTHS))


def until(text: str, *, one_is_enough: bool = False) -> Until:
    """Until every chosen run, or *one_is_enough* of them, meets *text*, a selection. UsageError if it is none."""
    return Until(parse(text), one_is_enough)


def met(
    goal: Until,
    chosen: Collection[Run],
    runs: Collection[Run],
    *,
    now: float,
    unknown: Callable[[str], object] | None = None,
) -> bool | None:
    """True when the *chosen* of all *runs* meet *goal*; False when all have ended and do not; None: wait, as for none.

    Ended is completed or failed: a killed run stays `running` for ever, and turns stale. Names mean what they do in
    *runs*, at the clock *now* (s since 1970); unknown ones are treated as by `Where.bind`.
    """
    if not chosen:
        return None
    holds = goal.where.bind(Names(runs), now=now, unknown=unknown)
    enough = any if goal.one_is_enough else all
    if enough(map(holds, chosen)):
        return True
    return None if any(run.live for run in chosen) else False
