"""The order of runs: `--sort -val/acc,created`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from spt_cli.choice.names import Getter, Names, Row, Value, getter, in_one_line, is_nan, listed, written
from spt_cli.errors import UsageError
from spt_cli.model import Run


class Key(Struct, frozen=True):
    """One name to sort by."""

    name: str
    kind: str = ""  # "hparams" or "summary" when it is written `hparams["x"]`
    descending: bool = False


Placed = tuple[Run, list[tuple[int, Any]]]  # a run and its place by each key

NEWEST_FIRST = (Key("created", descending=True),)


def keys(text: str) -> tuple[Key, ...]:
    """The keys of `-val/acc,created`: names after commas, `-` for descending. UsageError for an empty one.

    A name stands as it is, `layers.0` too; only what holds a comma needs `hparams["a,b"]`.
    """
    found: list[Key] = []
    for part in listed(text):
        name, kind = written(part.removeprefix("-").lstrip())
        if not name and not kind:
            raise UsageError(f"cannot sort by {text or 'nothing'}", hint="names, with commas between: -val/acc,created")
        found.append(Key(name, kind, part.startswith("-")))
    return tuple(found)


def ordered(
    runs: Iterable[Run],
    by: tuple[Key, ...] = NEWEST_FIRST,
    *,
    names: Names,
    now: float,
    unknown: Callable[[str], object] | None = None,
    known: dict[str, Placed] | None = None,
) -> list[Run]:
    """*runs* in the order of the first key, its equals in that of the second, and at last by run id.

    In both directions runs without a value come last, and those that are NaN just before them. Among them,
    ascending, numbers come before texts. Unknown names are treated as by `Where.bind`. *known* remembers where each run
    is placed, by its id: given again with the same keys and names, only runs that are new or changed are looked at.
    """
    getters = [_getter(key, names, now, unknown) for key in by]
    places: dict[str, Placed] = {} if known is None else known
    rows = []
    for run in sorted(runs, key=lambda run: run.run_id):
        placed = places.get(run.run_id)
        if placed is None or placed[0] is not run:
            row = Row(run)
            placed = places[run.run_id] = (run, [_placed(value(row)) for value in getters])
        rows.append(placed)
    for place, key in reversed(list(enumerate(by))):  # sorting is stable, so the first key comes last
        present = [row for row in rows if row[1][place][0] < _NAN]
        absent = [row for row in rows if row[1][place][0] >= _NAN]
        present.sort(key=lambda row: row[1][place], reverse=key.descending)
        absent.sort(key=lambda row: row[1][place])
        rows = present + absent
    return [run for run, _ in rows]


def _getter(key: Key, names: Names, now: float, unknown: Callable[[str], object] | None) -> Getter:
    try:
        return getter(names.resolve(key.name, key.kind), now)
    except UsageError as error:
        if unknown:
            unknown(in_one_line(error))
        elif names:
            raise
        return lambda _: None


def _placed(value: Value) -> tuple[int, Any]:
    """*value* with the group it sorts in: numbers, texts, lists, NaN, nothing."""
    match value:
        case None:
            return _NOTHING, 0
        case str():
            return 1, value
        case tuple():
            return 2, tuple(map(str, value))
    return (_NAN, 0) if is_nan(value) else (0, value)


_NAN, _NOTHING = 3, 4
