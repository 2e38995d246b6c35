"""What a name means: a field of a run, else a metric of its summary, else an hparam, else the last part of one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from functools import cached_property
from operator import attrgetter

from msgspec import Struct

from spt_cli.choice.expression import Name, Truth, is_plain, parse
from spt_cli.choice.mistakes import subscript
from spt_cli.errors import UsageError
from spt_cli.model import Run, Scalar

Value = Scalar | tuple[Scalar, ...]

_SELF_NAMED = (
    *("state", "status", "tags", "notes", "display_name", "run_id", "run_dir", "logger_run_id", "checkpoint_path"),
    *("created_at", "ended_at", "heartbeat_at", "alive", "archived", "has_media", "metrics_size"),
)
_ATTRIBUTES = {name: name for name in _SELF_NAMED} | {
    "name": "display_name",
    "created": "created_at",
    "ended": "ended_at",
    "heartbeat": "heartbeat_at",
}
FIELDS = frozenset({*_ATTRIBUTES, "age", "duration"})
MOMENTS = frozenset({"created", "created_at", "ended", "ended_at", "heartbeat", "heartbeat_at"})
LENGTHS = frozenset({"duration", "age"})

_SHOWN = 8  # candidates named in an error
_LOOKED_AT = 2_000  # names compared for "did you mean": 10 µs each, and a tree may hold millions


class UnknownNameError(UsageError):
    """No run has that name."""


class Column(Struct, frozen=True):
    """A name whose meaning is known."""

    kind: str  # "field", "summary" or "hparams"
    key: str  # of FIELDS, of the summary or of the hparams


class Row:
    """A run while it is looked at: its hparams and summary are decoded at most once, and only when asked for."""

    __slots__ = ("_hparams", "_summary", "run")

    def __init__(self, run: Run) -> None:
        self.run = run
        self._hparams: dict[str, Scalar] | None = None
        self._summary: dict[str, Scalar] | None = None

    @property
    def hparams(self) -> dict[str, Scalar]:
        """The run's hparams."""
        if self._hparams is None:
            self._hparams = self.run.hparams.decode()
        return self._hparams

    @property
    def summary(self) -> dict[str, Scalar]:
        """The run's last value per metric."""
        if self._summary is None:
            self._summary = self.run.summary.decode()
        return self._summary


Getter = Callable[[Row], Value]


class Names:
    """The names that some runs have. Keys are collected when first needed, which costs about 2 µs a run."""

    def __init__(self, runs: Collection[Run]) -> None:
        self._runs = runs

    def __bool__(self) -> bool:
        """Whether there are runs at all."""
        return bool(self._runs)

    @cached_property
    def metrics(self) -> frozenset[str]:
        """Keys of all summaries."""
        keys: set[str] = set()
        for run in self._runs:
            keys.update(run.summary.decode())
        return frozenset(keys)

    @cached_property
    def hparams(self) -> frozenset[str]:
        """Keys of all hparams."""
        keys: set[str] = set()
        for run in self._runs:
            keys.update(run.hparams.decode())
        return frozenset(keys)

    def grown(self, runs: Collection[Run], fresh: Collection[Run]) -> Names:
        """The names of *runs*, of which only the *fresh* ones were not among mine as they are; names that went stay."""
        names = Names(runs)
        added = Names(fresh)
        for kind in ("metrics", "hparams"):
            known: frozenset[str] | None = self.__dict__.get(kind)  # where cached_property keeps what was collected
            if known is not None:
                new = getattr(added, kind)
                names.__dict__[kind] = known if new <= known else known | new
        return names

    def resolve(self, name: str, kind: str = "") -> Column:
        """What *name* means in these runs; with *kind*, "summary" or "hparams", it is an exact key of that.

        Exact names go first: fields, metrics, hparams, then those spelled as `ls -o csv` titles them, `hparams.lr`.
        Else a name stands for the one key that ends in it: `width` for `model.width`, `acc` for `val/acc`.
        UsageError, naming the candidates, when several do; UnknownNameError, which is one too, when none does.
        """
        prefix, _, rest = name.partition(".")
        for column in (Column("field", name), Column("summary", name), Column("hparams", name), Column(prefix, rest)):
            if column.kind == (kind or column.kind) and self._has(column):
                return column
        endings = ("/" + name, "." + name)
        found = [column for column in self._keys() if not kind and column.key.endswith(endings)]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(sorted(map(self.spell, found))[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
            raise UsageError(f"{name} could be one of {len(found)} names", hint=f"write one of: {several}")
        close = self.close_to(name)
        raise UnknownNameError(
            f"no run has {subscript(kind, name) if kind else name}",
            hint=f"did you mean {', '.join(close)}?" if close else None,
        )

    def close_to(self, name: str) -> list[str]:
        """Up to three names that look like *name*, as they are written in a selection."""
        known: dict[str, Column] = {}
        for column in (*(Column("field", field) for field in sorted(FIELDS)), *self._keys()):
            for spelled in (column.key, re.split(r"[/.]", column.key)[-1]):
                known.setdefault(spelled, column)
            if len(known) > _LOOKED_AT:
                break
        found = (self.spell(known[near]) for near in get_close_matches(name, known, n=3))
        return list(dict.fromkeys(found))

    def spell(self, column: Column) -> str:
        """How *column* is written in a selection, so that it means just that."""
        hidden = column.kind != "field" and column.key in FIELDS
        hidden |= column.kind == "hparams" and column.key in self.metrics
        return subscript(column.kind, column.key) if hidden or not is_plain(column.key) else column.key

    def _has(self, column: Column) -> bool:
        match column.kind:
            case "field":
                return column.key in FIELDS
            case "summary":
                return column.key in self.metrics
        return column.kind == "hparams" and column.key in self.hparams

    def _keys(self) -> list[Column]:
        return [Column("summary", key) for key in sorted(self.metrics)] + [
            Column("hparams", key) for key in sorted(self.hparams)
        ]


_LISTED = re.compile(r"""(\s*-?\s*(?:hparams|summary)\[(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\]\s*|[^,]*)(?:,|\Z)""")


def listed(text: str) -> list[str]:
    """The names in *text*, which has commas between them. One that holds a comma is written `hparams["a,b"]`."""
    found: list[str] = []
    place = 0
    while place < len(text) or not found:
        part = _LISTED.match(text, place)
        assert part  # a part may be empty
        found.append(part[1].strip())
        place = part.end()
    return found


def written(name: str) -> tuple[str, str]:
    """The key and the kind of `hparams["key"]` or `summary["key"]`, as any key can be written; else *name* and ""."""
    if name.startswith(("hparams[", "summary[")):
        try:
            condition = parse(name)[1]
        except UsageError:
            return name, ""
        if isinstance(condition, Truth) and isinstance(condition.operand, Name) and condition.operand.kind:
            return condition.operand.text, condition.operand.kind
    return name, ""


def getter(column: Column, now: float) -> Getter:
    """The value of *column* in a Row, None where it is missing; *now* is the clock of ages."""
    key = column.key
    if column.kind == "summary":
        return lambda row: row.summary.get(key)
    if column.kind == "hparams":
        return lambda row: row.hparams.get(key)
    if key in _ATTRIBUTES:
        attribute: Callable[[Run], Value] = attrgetter(_ATTRIBUTES[key])
        return lambda row: attribute(row.run)
    computed = {"age": age, "duration": duration}[key]
    return lambda row: computed(row.run, now)


def is_nan(value: Value) -> bool:
    """Whether *value* is NaN. (math.isnan fails for integers beyond a float, which JSON may hold.)"""
    return isinstance(value, float) and math.isnan(value)


def in_one_line(error: UsageError) -> str:
    """What to say of a name that is not known when that does not end the command."""
    return f"{error}; {error.hint}" if error.hint else str(error)


def age(run: Run, now: float) -> float | None:
    """Seconds since *run* was created; None when it does not say."""
    return None if run.created_at is None else now - run.created_at


def duration(run: Run, now: float) -> float | None:
    """Seconds that *run* took: to its end, to *now* while it is alive, else to its last heartbeat. None if unknown."""
    end = run.ended_at if run.ended_at is not None else now if run.alive else run.heartbeat_at
    return None if run.created_at is None or end is None else max(0.0, end - run.created_at)
