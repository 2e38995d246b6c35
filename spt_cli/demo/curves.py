"""Numbers a run logs: curves of a training that goes well or badly, and their text in metrics.csv."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from math import log10
from typing import TYPE_CHECKING

from msgspec import Struct

from spt_cli.demo.plan import Plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EVERY = 10  # optimizer steps between logged rows (Lightning's log_every_n_steps)

# Lightning sorts the columns of the first row; the logger appends later ones, again sorted among themselves.
_TRAIN = ("epoch", "lr", "perf/samples_per_s", "step", "train/grad_norm", "train/loss")
_VALIDATION = ("val/acc", "val/loss")
_EPOCH = ("train/acc",)
_LATE = ("probe/knn_acc",)  # a probe that sets in half-way
_LOGGED = (
    "train/loss",
    "train/grad_norm",
    "perf/samples_per_s",
    "lr",
    "epoch",
    "val/loss",
    "val/acc",
    *_EPOCH,
    *_LATE,
)


class Curves(Struct, frozen=True, eq=False):
    """What a run logs if nothing stops it: float64 arrays of float32 values, as torch's scalars print."""

    epochs: int
    per_epoch: int  # rows in an epoch
    late: int  # epoch after which the probe is logged for the first time
    train: dict[str, Floats]  # by metric, one value a row
    epoch: dict[str, Floats]  # by metric, one value an epoch

    def step(self, row: int) -> int:
        """The optimizer step that *row* was logged at."""
        return row * EVERY + EVERY - 1


class Stat(Struct, frozen=True):
    """What summary.json holds of a metric."""

    last: float
    min: float
    max: float
    count: int


def curves(plan: Plan, attempt: int) -> Curves:
    """The curves of a run. Another *attempt* sees other batches: the same trend under other noise."""
    import numpy as np

    rng = np.random.default_rng((plan.seed & 0xFFFFFFFF, plan.index, attempt))
    rows, optim, width = plan.rows, plan.hparams["optim"], plan.hparams["model"]["width"]
    done = (np.arange(rows) + 1) / rows  # part of the training
    off = abs(log10(optim["lr"] / 0.002))  # decades from the best learning rate
    floor = 0.25 * (256 / width) ** 0.3 + 0.35 * off**2 + (0.1 if optim["wd"] == 0 else 0.0)
    trend = floor + (4.6 - floor) * (1 + done * 40 / (1 + off)) ** -0.9
    with np.errstate(over="ignore"):  # torch's float32 overflows to inf as well
        train = {
            "train/loss": trend * np.exp(rng.normal(0, 0.6 / np.sqrt(plan.hparams["batch"] / 8), rows)),
            "train/grad_norm": np.exp(rng.normal(np.log(0.4 + 0.3 * trend), 0.25)),
            "perf/samples_per_s": 200 * 256 / width * np.exp(rng.normal(0, 0.02, rows)),
            "lr": optim["lr"] * np.minimum(done / optim["warmup"], 0.5 + 0.5 * np.cos(np.pi * done)),
        }
        spikes = rng.random(rows) < 0.01
        train["train/grad_norm"][spikes] *= rng.uniform(5, 40, spikes.sum())
        ends = np.arange(1, plan.epochs + 1) * plan.per_epoch - 1
        wobble = rng.normal(0, 0.006, (3, plan.epochs))
        best = 0.97 - 0.18 * np.sqrt(floor)
        reached = best * (1 - np.exp(-3.2 * done[ends] ** 0.7))
        epoch = {
            "val/loss": trend[ends] * (1.04 + 0.12 * done[ends]) + wobble[0],
            "val/acc": np.clip(reached + wobble[1], 0.01, 1),
            "train/acc": np.clip(reached * (1 + 0.04 * done[ends]) + wobble[2] / 2, 0.01, 1),
            "probe/knn_acc": np.clip(reached * 0.93 + wobble[1] / 2, 0.01, 1),
        }
        if plan.outcome == "nan":
            _diverge(train, epoch, at=min(int(rows * 0.35) + plan.index % 7, rows - 1), ends=ends)
        rounded = [{k: v.astype(np.float32).astype(np.float64) for k, v in part.items()} for part in (train, epoch)]
    return Curves(plan.epochs, plan.per_epoch, plan.epochs // 2, *rounded)


def columns(curves: Curves, stop: int) -> tuple[str, ...]:
    """Header of metrics.csv after *stop* rows: it grows by a metric when that is first logged."""
    ended = stop // curves.per_epoch
    return _TRAIN + (_VALIDATION + _EPOCH if ended else ()) + (_LATE if ended > curves.late else ())


def lines(curves: Curves, start: int, stop: int, width: int) -> str:
    """Text of the train rows *start* to *stop*, with the sparse rows of epochs that end there, for *width* columns."""
    text: list[str] = []
    pad = "," * (width - len(_TRAIN)) + "\r\n"
    for epoch in range(start // curves.per_epoch, -(-stop // curves.per_epoch)):
        end = (epoch + 1) * curves.per_epoch
        a, b = max(start, epoch * curves.per_epoch), min(stop, end)
        cells = [map(repr, curves.train[name][a:b].tolist()) for name in _TRAIN if name in curves.train]
        steps = map(str, range(curves.step(a), curves.step(b), EVERY))
        rows = zip(repeat(str(epoch)), cells[0], cells[1], steps, *cells[2:], strict=False)
        text.extend(",".join(row) + pad for row in rows)
        if b == end:
            text.extend(_epoch_lines(curves, epoch, width))
    return "".join(text)


def sorted_columns(text: str) -> str:
    """The same metrics.csv with its columns sorted: plain Lightning sorts all of them anew when one is added."""
    rows = [line.split(",") for line in text.split("\r\n")[:-1]]
    order = sorted(range(len(rows[0])), key=rows[0].__getitem__)
    return "".join(",".join([row[i] for i in order]) + "\r\n" for row in rows)


def stats(curves: Curves, first: int, stop: int) -> dict[str, Stat]:
    """Last, min, max and count of each metric over the rows of one process, in the order they were first logged.

    As the logger counts: a NaN is neither smaller nor larger, unless it comes first.
    """
    begun, ended = first // curves.per_epoch, stop // curves.per_epoch
    parts = {name: values[first:stop] for name, values in curves.train.items()}
    parts |= {name: values[begun:ended] for name, values in curves.epoch.items()}
    parts["probe/knn_acc"] = curves.epoch["probe/knn_acc"][max(begun, curves.late) : ended]
    logged = {name: parts[name] for name in _LOGGED if name in parts and len(parts[name])}
    found = {name: _stat(values) for name, values in logged.items()}
    if found:
        last = float((stop - 1) // curves.per_epoch)
        count = sum(len(parts[name]) for name in ("train/loss", "val/loss", "train/acc", "probe/knn_acc"))
        found["epoch"] = Stat(last, float(begun), last, count)
    return {name: found[name] for name in _LOGGED if name in found}


def _stat(values: Floats) -> Stat:
    import numpy as np

    poisoned = bool(np.isnan(values[0]))
    low, high = (values[0], values[0]) if poisoned else (np.fmin.reduce(values), np.fmax.reduce(values))
    return Stat(float(values[-1]), float(low), float(high), len(values))


def _diverge(train: dict[str, Floats], epoch: dict[str, Floats], *, at: int, ends: NDArray[np.int64]) -> None:
    """The loss rises for some rows, overflows at row *at* and is NaN from then on; accuracy falls to chance."""
    import numpy as np

    rise = slice(max(0, at - 6), at)
    for name in ("train/loss", "train/grad_norm"):
        train[name][rise] *= 3.0 ** np.arange(1, at - rise.start + 1)
        train[name][at : at + 1] = np.inf
        train[name][at + 1 :] = np.nan
    lost = ends >= at
    epoch["val/loss"][lost] = np.nan
    for name in ("val/acc", "train/acc", "probe/knn_acc"):
        epoch[name][lost] = 0.01


def _epoch_lines(curves: Curves, epoch: int, width: int) -> Iterator[str]:
    """The rows of an epoch's end, each with other columns, all at the step of the last train row."""
    step = curves.step((epoch + 1) * curves.per_epoch - 1)
    groups = [_VALIDATION, _EPOCH] + ([_LATE] if epoch >= curves.late else [])
    before = 0
    for names in groups:
        values = ",".join(repr(float(curves.epoch[name][epoch])) for name in names)
        after = width - len(_TRAIN) - before - len(names)
        yield f"{epoch},,,{step},,{',' * (before + 1)}{values}{',' * after}\r\n"
        before += len(names)
