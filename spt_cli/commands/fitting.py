"""A page that is larger than it may be: what gives way, first pictures, then logs, then curves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct, structs

from spt_cli.report import Options, Report
from spt_cli.words.text import plural, size

Files = Mapping[str, bytes]  # by path


class Fitted(Struct, frozen=True):
    """A report, and the files that show it."""

    options: Options  # of the report
    report: Report
    files: Files
    fits: bool = True


def fitted(make: Callable[[Options], Report], show: Callable[[Report], Files], options: Options, most: int) -> Fitted:
    """The report that *make* gives of *options*, shown in at most *most* bytes if that can be.

    What does not fit gives way in this order: pictures, lines of logs, and curves of runs that are neither among the
    best nor among the newest. Of what gives way about a tenth more may go than had to. The report says so. What is
    still too large without any of these does not *fit*.
    """

    def attempt(less: Options) -> Fitted:
        report = make(less)
        if less != options:
            lessened = "|".join(part for part in _PARTS if getattr(less, part) != getattr(options, part))
            others = [said for said in report.left_out if not re.search(rf"\(--({lessened})\b(?!-)", said)]
            report = structs.replace(report, left_out=(*others, _sentence(options, less, report, most)))
        files = show(report)
        return Fitted(less, report, files, total(files) <= most)

    made = attempt(options)
    for part in _PARTS:
        if not made.fits and _held(part, made):
            made = _with_less(part, made, attempt, most)
    return made


def total(files: Files) -> int:
    """Bytes of all *files*."""
    return sum(map(len, files.values()))


_PARTS = {"media": rb"media", "logs": rb"logs", "limit": rb"curves"}  # Options, and the page's elements that hold them
_TRIES = 6  # pages that are made to find how much of a part fits


def _with_less(part: str, made: Fitted, attempt: Callable[[Options], Fitted], most: int) -> Fitted:
    """The report with as much of *part* as fits; with nothing of it where the rest is too large by itself.

    A page is not the sum of its parts, so pages are made and measured, each on the line between the last that fits and
    the last that does not.
    """
    high, above = _held(part, made), total(made.files)
    weight = _weight(part, made.files)
    slack = max(weight // 10, most // 100)
    low, below = 0, above - weight  # an estimate, until a page fits
    best: Fitted | None = None
    for _ in range(_TRIES):
        share = (most - slack // 2 - below) / max(above - below, 1)
        guess = min(max(int(low + share * (high - low)), low + 1 if best else 0), high - 1)
        tried = attempt(structs.replace(made.options, **{part: guess}))
        if tried.fits:
            best, low, below = tried, guess, total(tried.files)
        elif not guess:
            return tried
        else:
            high, above = guess, total(tried.files)
        if high - low <= 1 or (best and most - below <= slack):
            break
    return best or attempt(structs.replace(made.options, **{part: 0}))


def _held(part: str, made: Fitted) -> int:
    """How much of *part* a report holds, in the unit of its option: bytes of pictures, lines of logs, runs."""
    report = made.report
    if part == "media":
        return sum(len(picture.src or "") for pictures in report.media.values() for picture in pictures)
    if part == "logs":
        return made.options.logs if report.logs else 0
    return sum(row.shown for row in report.rows)


def _weight(part: str, files: Files) -> int:
    """Bytes of *files* that would not be there without *part*, or a little less."""
    held = re.compile(rb'id="%b-[0-9]+">([^<]*)<' % _PARTS[part])
    pictures = sum(len(data) for path, data in files.items() if "/" in path) if part == "media" else 0
    return pictures + sum(len(found[1]) for page in files.values() for found in held.finditer(page))


def _sentence(asked: Options, options: Options, report: Report, most: int) -> str:
    left = []
    if options.media < asked.media:
        left.append(f"pictures beyond {size(options.media)}" if options.media else "all pictures")
    if options.logs < asked.logs:
        left.append(f"all but {plural(options.logs, 'line')} of each log" if options.logs else "all logs")
    if options.limit < asked.limit:
        shown = sum(row.shown for row in report.rows)
        left.append(f"curves of all but {plural(shown, 'run')}" if shown else "all curves")
    return f"{', '.join(left)}, for a page of at most {size(most)} (--max-size)"
