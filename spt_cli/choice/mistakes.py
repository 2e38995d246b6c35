"""What to say of a selection that cannot be read: the place, underlined, and what to write instead."""

from __future__ import annotations

import ast
import re
import warnings

from spt_cli.errors import UsageError

Span = tuple[int, int]  # first byte and last byte + 1, in UTF-8

EXAMPLE = 'it reads like: val/acc > 0.7 and state == "failed"'

_QUOTED = r"\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?"
_TOKENS = re.compile(_QUOTED + r"|[^\s()\[\]{},<>=!&|\"'\u201c\u201d\u2018\u2019]+")
_SLIPS = {
    r"&|\|": "`and`, `or` and `not` are words here",
    r"(?<![<>=!])=(?!=)": "`==` compares",
    r"!(?!=)": "`and`, `or` and `not` are words here",
    "[\u201c\u201d\u2018\u2019]": "texts stand in straight quotes",
    r"<>": "`!=` is the other of `==`",
}
_TIME = re.compile(r"[0-9.]+(?:ms|[smhd])|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.+-]*Z?)?")
_GLUE = {"and", "or", "not", "in", "is"}


def mistake(source: bytes, span: Span, message: str, advice: str | None = None) -> UsageError:
    """A UsageError whose hint shows *source* with *span* underlined, and the *advice* in a line of its own."""
    text = source.decode()
    first, last = (len(source[:place].decode(errors="ignore")) for place in span)
    start = max(0, first - 50)
    shown = "…" * bool(start) + text[start : first + 50] + "…" * (first + 50 < len(text))
    marker = " " * (first - start + bool(start)) + "^" * max(1, min(last - first, 50))
    return UsageError(message, hint="\n".join(line for line in (shown, marker, advice) if line))


def misread(source: bytes, error: SyntaxError) -> UsageError:
    """What to say when Python cannot read *source*: first the usual suspects, else the parser's own words."""
    text = source.decode()
    for token in _TOKENS.finditer(text):
        word = token[0]
        if word[0] not in "\"'" and word not in _GLUE and not _readable(word):
            span = (len(text[: token.start()].encode()), len(text[: token.end()].encode()))
            return mistake(source, span, f"{word} cannot stand as a name", in_quotes(word) or explicit(word))
    place = len(text[: (error.offset or len(text) + 1) - 1].encode())
    unquoted = re.sub(_QUOTED, "", text)
    advice = next((says for sign, says in _SLIPS.items() if re.search(sign, unquoted)), EXAMPLE)
    return mistake(source, (place, place + 1), f"the selection cannot be read: {error.msg}", advice)


def in_quotes(word: str) -> str | None:
    """What to say of a *word* that is a duration or a date, as they stand elsewhere; None for any other."""
    return f'a time stands in quotes: "{word}"' if _TIME.fullmatch(word) else None


def explicit(name: str) -> str:
    """How a name that is no Python is written."""
    return f"write {subscript('hparams', name)} or {subscript('summary', name)}"


def subscript(kind: str, key: str) -> str:
    """`hparams["key"]`, which any *key* can be written as."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    plain = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in escaped)
    return f'{kind}["{plain}"]'


def _readable(word: str) -> bool:
    """Whether Python reads *word* by itself; what holds no letter is no name."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(word, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return not any(character.isalpha() for character in word)
    return True
