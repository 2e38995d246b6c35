"""Text of a selection -> a small tree of conditions. Python's grammar reads it; nothing of it is ever run."""

from __future__ import annotations

import ast
import math
import re
import warnings

from msgspec import Struct

from spt_cli.choice.mistakes import EXAMPLE, Span, explicit, in_quotes, misread, mistake
from spt_cli.errors import UsageError

MAX_LENGTH = 4096  # bytes; beyond it the parser's own limits end in MemoryError and RecursionError
MAX_DEPTH = 80  # nested conditions, and parts of a name
MAX_PATTERN = 256  # characters of a regular expression


class Name(Struct, frozen=True):
    """A name as written; what it means is the tree's to say (names.py)."""

    text: str
    kind: str = ""  # "hparams" or "summary" for `hparams["x"]` and `summary["x"]`
    span: Span = (0, 0)


class Literal(Struct, frozen=True):
    """A number, a text, True or False, or a tuple of them. None and nan stand only after `is`."""

    value: str | int | float | bool | tuple[str | int | float | bool, ...] | None
    span: Span = (0, 0)


class Test(Struct, frozen=True):
    """One link of a comparison chain; *op* as in Python, `not in` and `is not` included."""

    left: Name | Literal
    op: str
    right: Name | Literal


class Matches(Struct, frozen=True):
    """`name.matches("pattern")`; the pattern compiles."""

    name: Name
    pattern: str


class Truth(Struct, frozen=True):
    """A name, True or False standing where a condition is expected."""

    operand: Name | Literal


class Not(Struct, frozen=True):
    """The opposite of a condition."""

    part: Condition


class Every(Struct, frozen=True):
    """All parts hold: `and`, and the links of a chain."""

    parts: tuple[Condition, ...]


class Either(Struct, frozen=True):
    """At least one part holds: `or`."""

    parts: tuple[Condition, ...]


Condition = Test | Matches | Truth | Not | Every | Either

_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_WORDS = {"true": True, "false": False, "null": None, "nan": math.nan, "inf": math.inf}  # JSON's words, and floats
_UNBROKEN = re.compile(r"[^\s()\[\]{}\"'#\\]+")  # `a - b` means arithmetic, and there is none


def parse(text: str) -> tuple[bytes, Condition]:
    """The condition that *text* states, and the bytes its spans count in. UsageError, with the place marked, if none.

    `a/b`, `a.b`, `a-b` and `a@1` are names: there is no arithmetic. What no Python reads is written
    `hparams["layers.0"]` or `summary["eval/5shot"]`. White space of any kind separates, line ends too.
    """
    try:
        source = re.sub(r"[\t\n\r\f\v]", " ", text).strip(" ").encode()
    except UnicodeEncodeError as error:
        raise UsageError("the selection holds bytes that are not UTF-8", hint=EXAMPLE) from error
    if len(source) > MAX_LENGTH:
        raise UsageError(f"the selection is too long: {len(source):,} bytes, {MAX_LENGTH:,} can be read")
    if not source:
        raise UsageError("the selection is empty", hint=EXAMPLE)
    body = _body(source)
    rest = source[body.end_col_offset :].lstrip(b" )")
    if rest:  # only a comment can follow, and on one line it hides all that comes after it
        raise mistake(source, (len(source) - len(rest), len(source)), "a selection has no comments")
    return source, _condition(body, source)


def is_plain(key: str) -> bool:
    """Whether *key* can stand in a selection as it is, or needs `hparams["..."]`."""
    try:
        return parse(key)[1] == Truth(Name(key, span=(0, len(key.encode()))))
    except UsageError:
        return False


def _body(source: bytes) -> ast.expr:
    """What Python's parser makes of *source*, at most MAX_DEPTH deep."""
    try:
        with warnings.catch_warnings():  # "\d" in a pattern is what its author means
            warnings.simplefilter("ignore")
            body = ast.parse(source.decode(), mode="eval").body
    except SyntaxError as error:
        raise misread(source, error) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise UsageError("the selection is nested too deeply", hint=EXAMPLE) from error
    level: list[ast.AST] = [body]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if not level:
            return body
    raise UsageError(f"the selection is nested too deeply: {MAX_DEPTH} levels can be read")


def _condition(node: ast.expr, source: bytes) -> Condition:
    last = node  # `a/b.matches("x")` is, to Python, a divided by a call
    while isinstance(last, ast.BinOp):
        last = last.right
    match last:
        case ast.BoolOp(op=op, values=values):
            parts = tuple(_condition(value, source) for value in values)
            return Every(parts) if isinstance(op, ast.And) else Either(parts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return Not(_condition(part, source))
        case ast.Compare():
            return _chain(last, source)
        case ast.Call():
            return _matches(node, last, source)
    operand = _operand(node, source)
    if isinstance(operand, Literal) and not isinstance(operand.value, bool):
        raise mistake(source, operand.span, "a value alone is no condition", "compare it: a < 0.1 or a > 0.9")
    return Truth(operand)


def _chain(node: ast.Compare, source: bytes) -> Condition:
    operands = [_operand(part, source) for part in (node.left, *node.comparators)]
    tests = tuple(
        _checked(Test(left, _OPERATORS[type(op)], right), source)
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False)
    )
    return tests[0] if len(tests) == 1 else Every(tests)


def _checked(test: Test, source: bytes) -> Test:
    """*test*, unless it could never hold."""
    left, op, right = test.left, test.op, test.right
    if op in ("is", "is not"):
        if isinstance(left, Name) and _is_blank(right):
            return test
        raise mistake(source, right.span, f"`{op}` tests for None and nan only", "== and != compare values")
    for side in (left, right):
        if _is_blank(side):
            word = source[slice(*side.span)].decode()
            raise mistake(source, side.span, f"nothing compares with {word}", f"write: is {word}, is not {word}")
    if op.endswith("in") and isinstance(right, Literal) and not isinstance(right.value, (tuple, str)):
        raise mistake(source, right.span, f"`{op}` needs a list or a text", 'like: state in ("failed", "stale")')
    return test


def _is_blank(operand: Name | Literal) -> bool:
    """Whether *operand* is None or nan, which equal nothing."""
    return isinstance(operand, Literal) and (operand.value is None or operand.value != operand.value)


def _matches(node: ast.expr, call: ast.Call, source: bytes) -> Matches:
    """The `name.matches("regex")` that *node* is; where the name holds operators, *call* is only its last part."""
    match call.func, call.args:
        case ast.Attribute(attr="matches", value=owner), [ast.Constant(value=str(pattern)) as argument]:
            if node is call:
                name: Name | Literal | None = _operand(owner, source)
            else:
                name = _name(node, (node.col_offset, _span(owner)[1]), source)
            if isinstance(name, Name) and not call.keywords:
                return Matches(name, _checked_pattern(pattern, _span(argument), source))
    raise mistake(source, _span(node), 'the only call is name.matches("regex")')


def _checked_pattern(pattern: str, span: Span, source: bytes) -> str:
    """*pattern*, unless `re` cannot read it."""
    if len(pattern) > MAX_PATTERN:
        raise mistake(source, span, f"the pattern is too long: {MAX_PATTERN} characters can be read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise mistake(source, span, f"the pattern cannot be read: {error}") from error
    return pattern


def _operand(node: ast.expr, source: bytes) -> Name | Literal:
    """The name or the value that *node* is."""
    span = _span(node)
    match node:
        case ast.Constant(value=None | str() | int() | float() as value):
            return Literal(value, span)
        case ast.Name(id=word) if word in _WORDS:
            return Literal(_WORDS[word], span)
        case ast.UnaryOp(op=ast.USub(), operand=part):
            inner = _operand(part, source)
            if isinstance(inner, Literal) and isinstance(inner.value, (int, float)):
                return Literal(-inner.value, span)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return Literal(tuple(_element(part, source) for part in parts), span)
        case ast.Subscript(value=ast.Name(id="hparams" | "summary" as kind), slice=ast.Constant(value=str(key))):
            return Name(key, kind, span)
    name = _name(node, span, source)
    if name:
        return name
    text = source[slice(*span)].decode()
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        advice = f"a-b and a/b are names, written without spaces; for others {explicit(text)}"
        raise mistake(source, span, "there is no arithmetic", in_quotes(text) or advice)
    raise mistake(source, span, "only comparisons of names and values can be read here", EXAMPLE)


def _element(node: ast.expr, source: bytes) -> str | int | float | bool:
    element = _operand(node, source)
    if isinstance(element, Name) or isinstance(element.value, tuple):
        raise mistake(source, _span(node), "a list holds texts and numbers", 'texts are quoted: ("failed", "stale")')
    if element.value is None or _is_blank(element):
        raise mistake(source, _span(node), "nothing equals None or nan", "write: x is None or x in (...)")
    return element.value


def _name(node: ast.expr, span: Span, source: bytes) -> Name | None:
    """The name that *node* spells, as it stands in *source*; None for anything else."""
    text = source[slice(*span)].decode()
    return Name(text, span=span) if _UNBROKEN.fullmatch(text) and _spells_name(node) else None


def _spells_name(node: ast.expr) -> bool:
    match node:
        case ast.Name():
            return True
        case ast.Attribute(value=value) | ast.Call(func=ast.Attribute(value=value)):
            return _spells_name(value)
        case ast.BinOp(left=left, op=ast.Div() | ast.Sub() | ast.MatMult(), right=right):
            number = isinstance(right, ast.Constant) and type(right.value) in (int, float)
            return _spells_name(left) and (number or _spells_name(right))
    return False


def _span(node: ast.expr) -> Span:
    return node.col_offset, node.end_col_offset or 0
