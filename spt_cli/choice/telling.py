"""What tells runs apart: hparams that differ, and the metrics that they are judged by, as the words of names say it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from spt_cli.choice.names import Row
from spt_cli.words.text import value


def differing(rows: Sequence[Row]) -> list[str]:
    """Hparams whose values differ, those of most runs first, then those that split the runs most evenly.

    Paths, long texts and items of lists (`tags.0`) are left out: they tell runs apart no better than ids do.
    """
    values: dict[str, Counter[str]] = {}
    for row in rows:
        for key, item in row.hparams.items():
            values.setdefault(key, Counter())[value(item)] += 1
    ranked = []
    for key, found in values.items():
        had, most = found.total(), max(found.values())
        wordy = _ITEM.search(key) or any(len(text) > _WORDY or "/" in text for text in found)
        shown = found.keys() | ({""} if had < len(rows) else set())  # null looks as missing does
        if len(shown) > 1 and not wordy:
            ranked.append((-had, most / had, key))
    return [key for *_, key in sorted(ranked)]


def common(names: Iterable[Iterable[str]]) -> list[str]:
    """Metrics, those of most runs first, among equals those that runs are judged by, from the *names* that each has.

    Counters and plans (`epoch`, `lr`) are left out.
    """
    had = Counter(name for run in names for name in run if _kind(name) != _PLAN)
    return sorted(had, key=lambda name: (-had[name], _rank(name), name))


def primary(names: Iterable[Iterable[str]]) -> str | None:
    """The one metric that runs are judged by, from the *names* that each of them has.

    One of validation before others, one that says how good (accuracy) before a loss, and of these the one that most
    runs have. What less than half as many runs have as the most common metric counts only where there is nothing else.
    """
    had = Counter(name for run in names for name in run if _kind(name) < _RECORD)
    enough = max(had.values(), default=0) / 2
    frequent = (name for name in had if had[name] >= enough)
    return min(frequent, key=lambda name: (_rank(name), -had[name], len(name), name), default=None)


def judges(metric: str) -> bool:
    """Whether runs are judged by *metric*: it is of validation, a loss or a score; a norm is none of these."""
    return _kind(metric) < _OTHER or (_kind(metric) == _OTHER and _stage(metric) < len(_STAGES))


def lower_is_better(metric: str) -> bool:
    """Whether *metric* is one to bring down, by the words of its name: `val/loss`, `test_error`, not `lossless`."""
    return not _LOSSES.isdisjoint(_words(metric))


_WORDY = 24  # characters
_ITEM = re.compile(r"\.[0-9]+$")
_STAGES = ({"val", "valid", "validation"}, {"eval", "evaluation"}, {"test"})
_SCORES = frozenset(
    (
        *("acc", "accuracy", "auc", "auprc", "auroc", "bleu", "dice", "f1", "iou", "map", "miou", "precision", "psnr"),
        *("r2", "recall", "return", "reward", "rouge", "score", "ssim", "top1", "top5"),
    )
)
_LOSSES = frozenset(("loss", "err", "error", "perplexity", "ppl", "nll", "mse", "mae"))
_RECORDS = frozenset(("grad", "memory", "norm", "samples", "seconds", "time"))
_PLANS = frozenset(("epoch", "epochs", "lr", "step", "steps"))
_SCORE, _LOSS, _OTHER, _RECORD, _PLAN = range(5)


def _rank(metric: str) -> tuple[bool, int, int]:
    """How far behind others a metric comes as the one to judge by: by its stage, then by what it says."""
    return _kind(metric) >= _RECORD, _stage(metric), _kind(metric)


@cache
def _stage(metric: str) -> int:
    return next((place for place, words in enumerate(_STAGES) if words & _words(metric)), len(_STAGES))


@cache
def _kind(metric: str) -> int:
    """What the words of a name say: `val/acc_norm` is a score and no norm, `loss_step` a loss and no counter."""
    kinds = enumerate((_SCORES, _LOSSES, frozenset[str](), _RECORDS, _PLANS))
    return next((kind for kind, words in kinds if words & _words(metric)), _OTHER)


@cache
def _words(metric: str) -> frozenset[str]:
    """The words of a name, with their digits and without: `top1` is one, and so is the `err` of `err5`."""
    return frozenset(re.split(r"[^a-z0-9]+", metric.lower()) + re.split(r"[^a-z]+", metric.lower()))
