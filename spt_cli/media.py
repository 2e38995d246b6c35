"""media.jsonl -> events, and the one file an event's path may mean."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from spt_cli.errors import NotFoundError
from spt_cli.files import regular
from spt_cli.model import MediaEvent, Problem


class Media(Struct, frozen=True):
    """What a media.jsonl holds."""

    events: tuple[MediaEvent, ...] = ()  # in file order, those of a repeated call where it was repeated
    problems: tuple[Problem, ...] = ()  # one for all lines that are no events, one for bytes that are not UTF-8


def read_media(path: str | Path) -> Media:
    """Events of a media.jsonl; of calls that a resumed run repeated, the last.

    A line that is no event is skipped and counted in a Problem, but for a last one without its newline: its writer may
    not have finished it. A byte order mark is no part of a line, bytes that are not UTF-8 are replaced. Raises OSError
    when there is no such file.
    """
    data = regular.content(path)
    lines = data.decode("utf-8-sig", "replace").split("\n")
    read = [(number, _event(line)) for number, line in enumerate(lines, 1) if line.strip()]
    bad = [number for number, event in read if event is None and number < len(lines)]
    problems = []
    if bad:
        lines_are = "line is" if len(bad) == 1 else "lines are"
        problems.append(Problem(str(path), f"{len(bad)} {lines_are} no media event, the first is line {bad[0]}"))
    if not _is_utf8(data):
        problems.append(Problem(str(path), "not UTF-8: some bytes were replaced"))
    return Media(tuple(_last_calls(event for _, event in read if event)), tuple(problems))


def media_file(run_dir: str | Path, path: str) -> Path:
    """The regular file that an event's *path* means: really inside <run_dir>/media, all links resolved.

    Raises NotFoundError for everything else: `..`, an absolute path, NUL, a link that leads out, a folder, a pipe.
    """
    asked = Path(path)
    try:
        folder = Path(os.path.realpath(run_dir, strict=True), "media")  # itself not resolved: it may be a link out
        found = Path(os.path.realpath(folder.parent / asked, strict=True))
        plain = not asked.is_absolute() and ".." not in asked.parts
        if plain and found.is_relative_to(folder) and found.is_file():
            return found
    except (OSError, ValueError):  # ValueError: NUL, or characters that no file name holds
        pass
    raise NotFoundError(f"no media file {path!r} in {run_dir}")


def _event(line: str) -> MediaEvent | None:
    """*line* as an event, or None when it is not JSON, no object, or not what the logger writes."""
    try:
        event = msgspec.json.decode(line, type=MediaEvent)
    except (msgspec.DecodeError, RecursionError):
        return None
    return event if abs(event.step) < 2**63 else None  # larger ones could not be sent on as JSON


def _last_calls(events: Iterator[MediaEvent]) -> Iterator[MediaEvent]:
    """*events* without calls that were made again: a path that comes back begins its (step, tag) anew.

    The images of one call share (step, tag) and have different paths; a resumed run writes the same paths again, and
    perhaps fewer of them.
    """
    calls: dict[tuple[int, str], dict[str, MediaEvent]] = {}
    for event in events:
        key = (event.step, event.tag)
        if event.path in calls.get(key, {}):
            del calls[key]  # and to the end: it was made again here
        calls.setdefault(key, {})[event.path] = event
    for call in calls.values():
        yield from call.values()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
