"""How fast live runs go, as we saw them move: steps a second, how far they are, what is left, and whether one is stuck.

Whoever asks gives seconds of one clock of ours that only goes forward. What the files say of times is only ever taken
from each other: the file server's clock may differ from ours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from msgspec import Struct, structs

from spt_cli.model import Run, Scalar

STUCK_ROWS, STUCK_S = 10, 60.0  # median row intervals, and seconds, without a step: then a run is stuck
_MOVES = 64  # moves kept of a run
_OWN = 5  # moves from which on what we saw ourselves counts, and not what the run's files say


class Told(Struct, frozen=True, gc=False):
    """What a run's own files tell of its current attempt. None is unknown."""

    step: float | None = None  # the largest
    epoch: float | None = None  # the last, counted from 0
    rows: int = 0  # logged so far
    stride: float | None = None  # steps from row to row


class Pace(Struct, frozen=True, gc=False):
    """What is known of how fast one live run goes."""

    run: Run  # as it was when it was looked at last
    unit: str  # of `reached`: "step", or "byte" of metrics.csv while no step is known
    reached: float  # the largest of this attempt
    since: float  # when it was seen to reach that; at first no later than when it did
    moves: tuple[tuple[float, float], ...] = ()  # when it was seen to move, and how far it was then; oldest first
    told: Told = Told()
    few: float = 0.0  # steps that an epoch has at least
    many: float = math.inf  # and at most

    @property
    def step(self) -> float | None:
        """Its largest step; None while none is known."""
        return self.reached if self.unit == "step" else None


def look(
    paces: Mapping[str, Pace], runs: Iterable[Run], now: float, told: Mapping[str, Told] | None = None
) -> dict[str, Pace]:
    """The pace of each of *runs* that is live, by its id, after a look at the clock *now*; others are forgotten.

    *told* is what is known of some of them beyond their rows. A run that a requeue began again begins again here.
    """
    live = [run for run in runs if run.live]
    newest = max((run.heartbeat_at for run in live if run.heartbeat_at is not None), default=0.0)
    found = {}
    for run in live:
        before, more = paces.get(run.run_id), (told or {}).get(run.run_id)
        if before is None or before.run.created_at != run.created_at:
            found[run.run_id] = _first(run, more or Told(), now, newest)
        elif before.run is run and (more is None or more == before.told):
            found[run.run_id] = before
        else:
            found[run.run_id] = _moved(before, run, more or before.told, now)
    return found


def row_interval(pace: Pace) -> float | None:
    """Seconds from row to row: the median of what we saw, at first what the files tell; None when it is not known.

    We see rows no more often than we look, so it is never less than the time between two looks.
    """
    if len(pace.moves) > _OWN:
        times = [at for at, _ in pace.moves]
        intervals = sorted(later - earlier for earlier, later in pairwise(times))
        return (intervals[(len(intervals) - 1) // 2] + intervals[len(intervals) // 2]) / 2
    took = _took(pace)
    return took / pace.told.rows if took is not None and pace.told.rows > 1 else None


def stuck_for(pace: Pace, now: float) -> float | None:
    """Seconds that the run's largest step stands, when that is so long that it is stuck; else None.

    That is ten of its own row intervals and at least a minute. A run without a heartbeat for long is not stuck, but
    stale, and one of which no row interval is known is neither.
    """
    standing = now - pace.since
    if standing < STUCK_S or pace.run.state != "running":
        return None
    interval = row_interval(pace)
    return standing if interval is not None and standing >= STUCK_ROWS * interval else None


def steps_per_second(pace: Pace) -> float | None:
    """Steps a second over the last moves we saw, at first over its attempt as the files tell; None when unknown."""
    if pace.step is None:
        return None
    if len(pace.moves) > _OWN:
        (began, low), (ended, high) = pace.moves[0], pace.moves[-1]
        return (high - low) / (ended - began) if ended > began and high > low else None
    took, stride = _took(pace), pace.told.stride
    return stride * pace.told.rows / took if took and stride and pace.told.rows > 1 else None


def fraction(pace: Pace, hparams: Mapping[str, Scalar]) -> float | None:
    """How far the run is toward its `max_epochs` or `max_steps`, whichever comes first: 0 to 1; None when unknown."""
    parts = []
    if (steps := limit(hparams, "max_steps")) and pace.step is not None:
        parts.append(pace.step / steps)
    if epochs := limit(hparams, "max_epochs"):
        if whole := _all_steps(pace, epochs):
            parts.append(pace.reached / whole)
        elif pace.told.epoch is not None:
            parts.append(pace.told.epoch / epochs)
    return min(max(parts), 1.0) if parts else None


def left(pace: Pace, hparams: Mapping[str, Scalar]) -> float | None:
    """Seconds until the run has made all its steps, at the speed that it has; None when that cannot be said."""
    speed = steps_per_second(pace)
    epochs = limit(hparams, "max_epochs")
    ends = [end for end in (limit(hparams, "max_steps"), _all_steps(pace, epochs) if epochs else None) if end]
    if not speed or not ends:
        return None
    return max(min(ends) - pace.reached, 0.0) / speed


def limit(hparams: Mapping[str, Scalar], name: str) -> float | None:
    """The number that *hparams* has as *name* or `….name`, the least deep one; None where it sets no limit.

    -1 and null mean that there is none (Lightning's Trainer).
    """
    found = sorted((key.count("."), key) for key in hparams if key == name or key.endswith("." + name))
    for _, key in found:
        number = hparams[key]
        if isinstance(number, (int, float)) and not isinstance(number, bool) and 0 < number < 1e300:
            return float(number)
    return None


def _first(run: Run, told: Told, now: float, newest: float) -> Pace:
    """Of a run that is seen for the first time: it stands since its heartbeat, by the server's own clock."""
    beat = run.heartbeat_at if run.heartbeat_at is not None else newest
    unit, reached = _reached(run, told)
    return _bracketed(Pace(run, unit, reached, now - max(newest - beat, 0.0), told=told))


def _moved(before: Pace, run: Run, told: Told, now: float) -> Pace:
    unit, reached = _reached(run, told)
    if unit != before.unit:  # its first step is known: that is no move
        return _bracketed(structs.replace(before, run=run, told=told, unit=unit, reached=reached, moves=()))
    if reached <= before.reached:
        return _bracketed(structs.replace(before, run=run, told=told))
    moves = (*before.moves, (now, reached))[-_MOVES:]
    return _bracketed(structs.replace(before, run=run, told=told, reached=reached, since=now, moves=moves))


def _reached(run: Run, told: Told) -> tuple[str, float]:
    if told.step is not None:
        return "step", told.step
    return "byte", float(run.metrics_size)


def _bracketed(pace: Pace) -> Pace:
    """*pace* with what its step and epoch say of the steps an epoch has: after e whole ones, from step/(e+1) to step/e.

    Steps count from 0, and an epoch's last row may bear the number of the next.
    """
    step, epoch = pace.step, pace.told.epoch
    if step is None or epoch is None or not math.isfinite(epoch) or epoch < 0:
        return pace
    few = max(pace.few, step / (epoch + 1))
    many = min(pace.many, (step + 1) / epoch) if epoch else pace.many
    return structs.replace(pace, few=few, many=many)


def _all_steps(pace: Pace, epochs: float) -> float | None:
    """About how many steps *epochs* epochs have; None while the first one is under way."""
    if pace.step is None or not pace.few or math.isinf(pace.many):
        return None
    return max((pace.few + max(pace.many, pace.few)) / 2 * epochs, pace.reached)


def _took(pace: Pace) -> float | None:
    """Seconds from the start of the attempt to its last row, neither by our clock; None when the files do not say."""
    run = pace.run
    if run.created_at is None or run.heartbeat_at is None:
        return None
    return max(run.heartbeat_at - run.created_at, 0.0)
