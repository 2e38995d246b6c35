"""The grammar of selections: what is refused, and what is said then. What they mean is in test_where.py."""

from __future__ import annotations

import string
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.choice.expression import MAX_DEPTH, MAX_LENGTH, MAX_PATTERN
from spt_cli.choice.names import Names
from spt_cli.choice.where import parse
from spt_cli.errors import UsageError
from tests.made import a_run

REFUSED = [
    # no Python
    ("layers.0 > 3", "layers.0 cannot stand as a name", "^^^^^^^^", 'hparams["layers.0"] or summary["layers.0"]'),
    ("eval/5shot > 1", "eval/5shot cannot stand as a name", "^^^^^^^^^^", 'summary["eval/5shot"]'),
    ("age > 2d", "2d cannot stand as a name", "      ^^", 'a time stands in quotes: "2d"'),
    ("created > 2026-11-20", "there is no arithmetic", "          ^^^^^^^^^^", 'a time stands in quotes: "2026-11-20"'),
    ("created > 2026-11-20T10:00:00Z", "cannot stand", "          ^^^^", 'in quotes: "2026-11-20T10:00:00Z"'),
    ("lambda > 1", "lambda cannot stand as a name", "^^^^^^", 'hparams["lambda"]'),
    ("model.class == 3", "model.class cannot stand as a name", "^^^^^^^^^^^", 'hparams["model.class"]'),
    ("val/acc = 3", "the selection cannot be read: invalid syntax", "        ^", "`==` compares"),
    ("a && b", "the selection cannot be read: invalid syntax", "   ^", "`and`, `or` and `not` are words here"),
    ("a || b", "the selection cannot be read: invalid syntax", "   ^", "`and`, `or` and `not` are words here"),
    ("!a", "the selection cannot be read: invalid syntax", "^", "`and`, `or` and `not` are words here"),
    ("a <> b", "the selection cannot be read: invalid syntax", "  ^", "`!=`"),
    ("ü == “x”", "invalid character", "     ^", "straight quotes"),
    ("(a", "'(' was never closed", "^", "it reads like"),
    ("a) or (b", "unmatched ')'", " ^", "it reads like"),
    ("ü > 'x", "unterminated string literal", "    ^", "it reads like"),
    ("a # > 3", "a selection has no comments", "  ^^^^^", ""),
    ("a >", "the selection cannot be read: invalid syntax", "   ^", "it reads like"),
    # Python, but not here
    ("a / b > 1", "there is no arithmetic", "^^^^^", 'hparams["a / b"]'),
    ("1 < lr * 2", "there is no arithmetic", "    ^^^^^^", "without spaces"),
    ("(a)/b > 1", "there is no arithmetic", "^^^^^", ""),
    ("-a", "there is no arithmetic", "^^", ""),
    ("~a", "there is no arithmetic", "^^", ""),
    ("f(a)", "the only call is", "^^^^", ""),
    ("a.matches(b)", "the only call is", "^^^^^^^^^^^^", ""),
    ('a.matches("x", 1)', "the only call is", "^", ""),
    ('a.matches("x", flags=2)', "the only call is", "^", ""),
    ('a.matches(pattern="x")', "the only call is", "^", ""),
    ('"a".matches("x")', "the only call is", "^", ""),
    ('a.matches("x").matches("y")', "only comparisons", "^^^^^^^^^^^^^^", ""),
    ('a.matches("x")/b', "there is no arithmetic", "^^^^", ""),
    ('a.matches("x")/b.matches("y")', "the only call is", "^^^^", ""),
    ("a[0] > 1", "only comparisons of names and values", "^^^^", ""),
    ("a if b else c", "only comparisons of names and values", "^^^^", ""),
    ("[x for x in a]", "only comparisons of names and values", "^^^^", ""),
    ("(a := 3)", "only comparisons of names and values", " ^^^^", ""),
    ("f'{a}' == b", "only comparisons of names and values", "^^^^", ""),
    ("a == b'x'", "only comparisons of names and values", "     ^^^^", ""),
    ("a == 1j", "only comparisons of names and values", "     ^^", ""),
    ("a == ...", "only comparisons of names and values", "     ^^^", ""),
    ("a == {1: 2}", "only comparisons of names and values", "     ^^^", ""),
    ("a == *b", "", "", ""),
    # what could never hold, or always would
    ("a > 0.5 or 0.7", "a value alone is no condition", "           ^^^", "compare it"),
    ('"a"', "a value alone is no condition", "^^^", "compare it"),
    ("a == None", "nothing compares with None", "     ^^^^", "is None"),
    ("None != a", "nothing compares with None", "^^^^", "is None"),
    ("a > nan", "nothing compares with nan", "    ^^^", "is nan"),
    ("a in (1, None)", "nothing equals None or nan", "         ^^^^", "x is None or"),
    ("a in (1, nan)", "nothing equals None or nan", "         ^^^", ""),
    ("a in (b, 1)", "a list holds texts and numbers", "      ^", "quoted"),
    ("a in ((1,),)", "a list holds texts and numbers", "      ^^^^", ""),
    ("a is 3", "`is` tests for None and nan only", "     ^", "=="),
    ("a is b", "`is` tests for None and nan only", "     ^", "=="),
    ("None is None", "`is` tests for None and nan only", "", "=="),
    ("a in 3", "`in` needs a list or a text", "     ^", ""),
    # patterns and times
    ('a.matches("(")', "the pattern cannot be read: missing )", "          ^^^", ""),
    ('a.matches("a{99999999999}")', "the pattern cannot be read", "", ""),
    (f'a.matches("{"x" * (MAX_PATTERN + 1)}")', "the pattern is too long", "", ""),
    ('age > "2 dyas"', '"2 dyas" is no duration', "      ^^^^^^^^", "500ms"),
    ('"yesterday" < created', '"yesterday" is neither a duration nor a time', "^^^^", "2026-11-20"),
    ('created > "9999999-01-01"', "neither a duration nor a time", "", ""),
    ('created == "2026-11-20"', "created is a time", "           ^^^^", "compared with <"),
    ('age in ("2d", "3d")', "age is a time", "       ^^^^", "compared with <"),
    # size
    ("", "the selection is empty", "", "it reads like"),
    (" \n", "the selection is empty", "", "it reads like"),
    ("a" * (MAX_LENGTH + 1), "the selection is too long", "", ""),
    ("x" * 1_000_000, "the selection is too long", "", ""),
    ("(" * 150, "", "", ""),
    ("((" * 1000, "", "", ""),
    ("not " * 1000 + "a", "nested too deeply", "", ""),
    ("-" * 4000 + "1 < a", "nested too deeply", "", ""),
    ("a" + "-a" * 2000, "nested too deeply", "", ""),
    ("a" + ".a" * 2000, "nested too deeply", "", ""),
    ("not " * MAX_DEPTH + "a", "nested too deeply", "", ""),
    ("a\0b", "", "", ""),
    ('name == "\udcff"', "not UTF-8", "", ""),
]


@pytest.mark.parametrize(("text", "message", "marker", "advice"), REFUSED, ids=[text[:30] for text, *_ in REFUSED])
def test_what_cannot_be_read_is_refused_with_its_place_and_what_to_write(
    text: str, message: str, marker: str, advice: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert message in str(caught.value)
    lines = (caught.value.hint or "").split("\n")
    assert advice in lines[-1]
    if marker:
        assert lines[1].startswith(marker)


def test_a_long_selection_is_shown_around_its_mistake() -> None:
    text = " or ".join(["width > 1"] * 40) + " or layers.0 > 3 or " + " or ".join(["width > 2"] * 40)
    with pytest.raises(UsageError) as caught:
        parse(text)
    shown, marker, _ = (caught.value.hint or "").split("\n")
    assert len(shown) == 102
    assert shown[0] == shown[-1] == "…"
    assert shown[marker.index("^") : marker.rindex("^") + 1] == "layers.0"


def test_nothing_is_said_of_backslashes_in_patterns() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        parse(r'name.matches("\d[[a]")')
    assert said == []


def test_nothing_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("print(1)", "__import__('os').system('echo 1')", "name.__class__", "().__class__", "exit()"):
        with pytest.raises(UsageError):
            parse(text).bind(Names([a_run()]), now=0.0)
    assert capsys.readouterr().out == ""


def test_at_most_the_deepest_selection_is_read() -> None:
    run = a_run(hparams={"flag": True})
    assert parse("not " * (MAX_DEPTH - 2) + "flag").bind(Names([run]), now=0.0)(run)


PIECES = [
    *("a", "val/acc", "and", "or", "not", "in", "is", "None", "nan", "age", "hparams", "matches", "lambda", "é", "1"),
    *("==", "<", "(", ")", "[", "]", ",", "'x'", '"2d"', ".", "-", "/", " ", "=", "\\", "#"),
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(string.printable, max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_any_text_is_read_or_refused_with_a_usage_error(text: str) -> None:
    try:
        where = parse(text)
    except UsageError:
        return
    run = a_run(hparams={"a": 1}, summary={"val/acc": "x"})
    assert where.bind(Names([run]), now=0.0, unknown=lambda _: None)(run) in (True, False)
