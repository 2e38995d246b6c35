"""The selection language of -w: which runs an expression chooses."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from spt_cli.choice.expression import Condition, Either, Every, Literal, Matches, Name, Not, Test, Truth
from spt_cli.choice.expression import parse as read
from spt_cli.choice.mistakes import mistake
from spt_cli.choice.names import LENGTHS, MOMENTS, Column, Getter, Names, Row, Value, getter, in_one_line, is_nan
from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.words.durations import moment, seconds

Predicate = Callable[[Row], bool]
Comparison = Callable[[Value, Value], bool]

STATES = frozenset({"running", "stale", "completed", "failed"})
_KINDS = {str: "text", bool: "number", int: "number", float: "number", tuple: "list"}


class Where(Struct, frozen=True):
    """A selection, read and found correct; `bind` makes it a test of runs."""

    source: bytes  # what its spans count in
    condition: Condition

    def mentions(self, field: str) -> bool:
        """Whether *field* stands in it as a name."""
        return any(name.text == field and not name.kind for name in _names(self.condition))

    def bind(
        self, names: Names, *, now: float, unknown: Callable[[str], object] | None = None
    ) -> Callable[[Run], bool]:
        """Whether a run is chosen, its names meaning what they do in *names*, at the clock *now* (s since 1970).

        UsageError for a name that no run has (where there are runs) or that could be several, the candidates in its
        hint. Given *unknown*, that is called with the message instead and the name is missing in every run: for those
        who watch, since runs that have it may come.
        """
        if unknown is None and not names:
            unknown = _say_nothing
        holds = _bound(self.condition, _Scope(self.source, names, now, unknown))
        return lambda run: holds(Row(run))


class _Scope(Struct, frozen=True):
    """What binding needs to know."""

    source: bytes
    names: Names
    now: float
    unknown: Callable[[str], object] | None


def parse(text: str) -> Where:
    """The selection that *text* states; see docs/where.md. Nothing of it is run. UsageError if it cannot be read."""
    where = Where(*read(text))
    where.bind(Names(()), now=0.0)  # reads durations and times, so that they are wrong now or never
    return where


def _say_nothing(message: str) -> None:
    """An empty tree has no names: nothing in it is misspelt."""


def _names(condition: Condition) -> Iterator[Name]:
    match condition:
        case Not(part):
            yield from _names(part)
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _names(part)
        case Test(left, _, right):
            yield from (side for side in (left, right) if isinstance(side, Name))
        case Matches(name) | Truth(Name() as name):
            yield name


def _bound(condition: Condition, scope: _Scope) -> Predicate:
    match condition:
        case Not(part):
            inner = _bound(part, scope)
            return lambda row: not inner(row)
        case Every(parts):
            every = [_bound(part, scope) for part in parts]
            return lambda row: all(holds(row) for holds in every)
        case Either(parts):
            either = [_bound(part, scope) for part in parts]
            return lambda row: any(holds(row) for holds in either)
        case Test():
            return _bound_test(condition, scope)
        case Matches(name, pattern):
            return _bound_pattern(_getter(name, _column(name, scope), scope), re.compile(pattern))
        case Truth(operand):
            value = _getter(operand, _column(operand, scope), scope)
            return lambda row: bool(value(row))


def _bound_test(test: Test, scope: _Scope) -> Predicate:
    op, columns = test.op, (_column(test.left, scope), _column(test.right, scope))
    left = _getter(_timed(test.left, columns[1], op, scope), columns[0], scope)
    right = _getter(_timed(test.right, columns[0], op, scope), columns[1], scope)
    if op in ("is", "is not"):
        blank = _is_none if test.right == Literal(None, test.right.span) else is_nan
        return lambda row: blank(left(row)) is (op == "is")
    compare = _COMPARISONS[op]
    return lambda row: compare(left(row), right(row))


def _bound_pattern(value: Getter, pattern: re.Pattern[str]) -> Predicate:
    """Whether the pattern is found in a text, or in one of a list of texts; in nothing else."""

    def holds(row: Row) -> bool:
        found = value(row)
        texts = found if isinstance(found, tuple) else (found,)
        return any(isinstance(text, str) and pattern.search(text) for text in texts)

    return holds


def _column(operand: Name | Literal, scope: _Scope) -> Column | None:
    """What a name means; None for a value, and for an unknown name once that has been said."""
    if isinstance(operand, Literal):
        return None
    try:
        return scope.names.resolve(operand.text, operand.kind)
    except UsageError as error:
        if scope.unknown:
            scope.unknown(in_one_line(error))
            return None
        advice = error.hint or 'a text stands in quotes: name == "baseline"'
        if operand.text in STATES:
            advice = f'a state is a text: state == "{operand.text}"'
        raise mistake(scope.source, operand.span, str(error), advice) from error


def _getter(operand: Name | Literal, column: Column | None, scope: _Scope) -> Getter:
    if column:
        return getter(column, scope.now)
    value = operand.value if isinstance(operand, Literal) else None
    return lambda _: value


def _timed(operand: Name | Literal, other: Column | None, op: str, scope: _Scope) -> Name | Literal:
    """*operand*, in seconds when it is a text that stands against a time: `age > "2d"`, `created > "2026-11-20"`."""
    if not isinstance(operand, Literal) or not other or other.kind != "field" or other.key not in LENGTHS | MOMENTS:
        return operand
    if op not in _ORDER and not op.startswith("is") and not isinstance(operand.value, (int, float)):
        raise mistake(scope.source, operand.span, f"{other.key} is a time", "times are compared with < <= > >=")
    if not isinstance(operand.value, str):
        return operand
    try:
        value = seconds(operand.value) if other.key in LENGTHS else moment(operand.value, scope.now)
    except UsageError as error:
        raise mistake(scope.source, operand.span, str(error), error.hint) from error
    return Literal(value, operand.span)


def _ordered(compare: Callable[[Any, Any], bool]) -> Comparison:
    """*compare*, false for what has no order: nothing, or a text and a number."""

    def holds(left: Value, right: Value) -> bool:
        try:
            return compare(left, right)
        except TypeError:
            return False

    return holds


def _is_none(value: Value) -> bool:
    return value is None


def _equal(left: Value, right: Value) -> bool:
    return left is not None and left == right


def _unequal(left: Value, right: Value) -> bool:
    return _KINDS.get(type(left)) == _KINDS.get(type(right)) and left != right  # None is of no kind, and equals None


def _within(left: Value, right: Value) -> bool:
    return _comparable(left, right) and left in right  # type: ignore[operator]  # by the test before it


def _outside(left: Value, right: Value) -> bool:
    return _comparable(left, right) and left not in right  # type: ignore[operator]  # by the test before it


def _comparable(left: Value, right: Value) -> bool:
    """Whether *left* can be in *right*: anything in a list, a text in a text."""
    return (left is not None and isinstance(right, tuple)) or (isinstance(left, str) and isinstance(right, str))


_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_COMPARISONS: dict[str, Comparison] = {
    "==": _equal,
    "!=": _unequal,
    "in": _within,
    "not in": _outside,
    **{sign: _ordered(compare) for sign, compare in _ORDER.items()},
}
