"""Text for people: harmless, measured in terminal cells, with numbers, ages and times in few characters."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache

from spt_cli.model import Scalar

# C0, DEL and C1 move cursors and start escape sequences; marks of direction and line separators reorder or split what
# is shown (CVE-2021-42574); lone surrogates are bytes of a file name that is not UTF-8, and cannot be written at all.
_HARMFUL = "\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_ONE_LINE = re.compile(f"[{_HARMFUL}]")
_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # of surrogate pairs, but for those that stand for bytes
_MANY_LINES = re.compile(f"(?![\n\t])[{_HARMFUL}]")


def printable(text: str, *, lines: bool = False) -> str:
    r"""*text* with each character that could act on a terminal written as `\x1b`, `\n` or `\u202e`.

    With *lines* line feeds and tabs stay. A byte that was not UTF-8 in a file name shows as `\xff`.
    """
    return (_MANY_LINES if lines else _ONE_LINE).sub(_escape, text)


def whole(text: str) -> str:
    r"""*text* with `\ufffd` for each half of a character, as JSON can hold it: but for a byte of a file name."""
    return _HALVES.sub("\ufffd", text)


def one_line(text: str) -> str:
    """*text* harmless and on one line: white space of any kind and number becomes one space."""
    return printable(" ".join(text.split()))


def cells(text: str) -> int:
    """Columns that *text* takes on a terminal: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def clip(text: str, width: int, *, ellipsis: str = "…", keep_end: bool = False) -> str:
    """*text* cut to at most *width* cells, the *ellipsis* included; *keep_end* cuts at its beginning."""
    if cells(text) <= width:
        return text
    if cells(ellipsis) > width:
        return ""
    room = width - cells(ellipsis)
    kept = ""
    for character in reversed(text) if keep_end else text:
        room -= _cells_of(character)
        if room < 0:
            break
        kept += character
    return ellipsis + kept[::-1] if keep_end else kept + ellipsis


def value(scalar: Scalar) -> str:
    """An hparam as a person typed it: JSON's words for booleans, nothing for null; a drawn float in six digits."""
    if scalar is None:
        return ""
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    if isinstance(scalar, float) and len(repr(scalar)) > 9:
        return f"{scalar:.6g}"
    return str(scalar)


def measure(scalar: Scalar) -> str:
    """A metric with four significant digits, whole where it is large: `0.4567`, `12346`, `1.235e+08`, `nan`."""
    if isinstance(scalar, bool) or not isinstance(scalar, (int, float)):
        return value(scalar)
    if isinstance(scalar, int) and abs(scalar) < 10**9:
        return str(scalar)
    try:
        return f"{scalar:.0f}" if 10_000 <= abs(scalar) < 10_000_000 else f"{scalar:.4g}"
    except OverflowError:  # an integer that no float holds
        return "inf" if scalar > 0 else "-inf"


def duration(seconds: float | None) -> str:
    """A length of time in at most two units: `0.4s`, `12s`, `5m 03s`, `3h 12m`, `2d 4h`, `310d`."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    if 0 < seconds < 1:
        return f"{max(seconds, 0.1):.1f}s"
    whole = int(max(seconds, 0))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    days, hours = whole // 86400, whole % 86400 // 3600
    return f"{days}d {hours}h" if days < 10 else f"{days}d"


def ago(seconds: float | None) -> str:
    """How long ago, in the largest unit that it holds twice: `90s`, `5m`, `3h`, `2d`; what lies ahead is `0s`."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    for size, unit in ((365 * 86400, "y"), (86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(max(seconds, 0))}s"


def size(count: int) -> str:
    """Bytes in at most four characters and a unit: `0 B`, `812 B`, `1.4 kB`, `53 GB`."""
    number, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if number < 999.5:
            break
        number, unit = number / 1000, larger
    return f"{number:.0f} {unit}" if unit == "B" or number >= 9.95 else f"{number:.1f} {unit}"


def when(seconds: float | None, *, utc: bool = False) -> str:
    """A point in time for people: `2026-11-23 06:48:38` in the local zone, or with a `Z` in UTC."""
    moment = _moment(seconds)
    if moment is None:
        return ""
    return moment.strftime("%Y-%m-%d %H:%M:%SZ") if utc else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def rfc3339(seconds: float | None) -> str | None:
    """A point in time for programs, UTC with milliseconds; None where there is none or no calendar holds it."""
    moment = _moment(seconds)
    return None if moment is None else moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def plural(count: int, one: str, many: str | None = None) -> str:
    """*count* with its noun: `1 run`, `1,200 runs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """`did you mean a, b?` for the closest of *known*, or None."""
    close = get_close_matches(word, sorted(known), n=3)
    return f"did you mean {', '.join(printable(name) for name in close)}?" if close else None


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: the byte as it stands in the name
        return f"\\x{code - 0xDC00:02x}"
    return {9: "\\t", 10: "\\n", 13: "\\r"}.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


@lru_cache(maxsize=4096)
def _cells_of(character: str) -> int:
    category, width = unicodedata.category(character), unicodedata.east_asian_width(character)
    if category in {"Mn", "Me", "Cf"} and character != "\xad":  # a soft hyphen is shown
        return 0
    if "\u1160" <= character <= "\u11ff":  # vowels and finals join the syllable before them: names made on a Mac
        return 0
    return 2 if width == "W" or (width == "F" and category != "Cn") else 1  # Python says F of what is unassigned


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):  # year 10000, NaN: sidecars hold what their writers put there
        return None
