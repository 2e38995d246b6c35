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

    report: Report
    files: Files
    fits: bool = True


def fitted(make: Callable[[Options], Report], show: Callable[[Report], Files], options: Options, most: int) -> Fitted:
    """The report that *make* gives of *options*, shown in at most *most* bytes if that can be.

    What does not fit gives way in this order: pictures, lines of logs, and curves of runs that are neither among the
    best nor among the newest. The report says so. What is still too large without any of these does not *fit*.
    """
    asked, report = options, make(options)
    files = show(report)
    for less in (_less_media, _fewer_lines, _fewer_curves):
        while (over := total(files) - most) > 0:
            lessened = less(report, files, options, over)
            if lessened is None:
                break
            options = lessened
            report = make(options)
            said = (*report.left_out, _sentence(asked, options, report, most))
            report = structs.replace(report, left_out=said)
            files = show(report)
    return Fitted(report, files, total(files) <= most)


def total(files: Files) -> int:
    """Bytes of all *files*."""
    return sum(map(len, files.values()))


_SLACK = 0.95  # of what is reckoned to fit: a page is not the sum of its parts
_CHUNK = re.compile(rb'id="curves-[0-9]+">([^<]*)<')


def _less_media(report: Report, _: Files, options: Options, over: int) -> Options | None:
    used = sum(len(picture.src or "") for pictures in report.media.values() for picture in pictures)
    return structs.replace(options, media=max(int((used - over) * _SLACK), 0)) if used else None


def _fewer_lines(report: Report, _: Files, options: Options, over: int) -> Options | None:
    used = sum(len(log.text) for logs in report.logs.values() for log in logs)
    kept = int(options.logs * _SLACK * (1 - over / used)) if used > over else 0
    return structs.replace(options, logs=kept) if used and options.logs else None


def _fewer_curves(report: Report, files: Files, options: Options, over: int) -> Options | None:
    shown = sum(row.shown for row in report.rows)
    used = sum(len(chunk[1]) for page in files.values() for chunk in _CHUNK.finditer(page))
    kept = int(shown * _SLACK * (1 - over / used)) if used > over else 0
    return structs.replace(options, limit=kept) if shown else None


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
