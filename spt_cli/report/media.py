"""Images and videos of runs, as many as a budget of bytes holds: the last step of each tag, the first, others."""

from __future__ import annotations

import base64
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from spt_cli.errors import NotFoundError
from spt_cli.exported.document import Picture
from spt_cli.files import kept
from spt_cli.files.inside import opened_inside
from spt_cli.media import media_file, read_media
from spt_cli.model import MediaEvent, Run, Stamp
from spt_cli.report.model import UNREAD
from spt_cli.report.redact import scrubbed
from spt_cli.report.thumbnails import MAX_BYTES, RefusedError, Thumbnail, thumbnail
from spt_cli.words.text import plural, size

STEPS = 16  # of a tag of a run, at most
_OF_A_STEP = 16  # images of one call
_ABSENT = 500  # pictures that are named and not shown
_VIDEO = 512 << 10  # bytes of a video that is embedded
_VIDEOS = {  # how a file of a type begins, and at which byte
    "video/mp4": (4, b"ftyp"),
    "video/webm": (0, b"\x1a\x45\xdf\xa3"),
    "image/gif": (0, b"GIF8"),
}
_VERSION = 1  # of thumbnails that are kept


class Pictures(Struct, frozen=True):
    """What runs show."""

    media: dict[int, tuple[Picture, ...]]  # by place of the run, in step order; none of a run without any
    left_out: tuple[str, ...]  # sentences


def pictures(
    runs: Sequence[tuple[int, Run]], budget: int, cache: Path | None, secrets: Sequence[Sequence[str]] = ()
) -> Pictures:
    """Pictures of *runs*, given with their places in the order in which they matter, of at most *budget* bytes.

    The last step of each tag of each run goes first, then its first step, then those between. What is not embedded
    says why, and is only counted where there is much of it. Without a budget no file is looked at.
    """
    if budget <= 0:
        some = sum(run.has_media for _, run in runs)
        return Pictures({}, (f"pictures of {plural(some, 'run')} (--media 0)",) if some else ())
    left_out: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    wanted = _wanted(runs, left_out, unread)
    found: dict[int, list[tuple[_Wanted, Picture]]] = {}
    room, absent, full = budget, 0, False
    for one in wanted:
        picture = _picture(one, cache, secrets[one.place] if secrets else (), full=full and one.event.type == "image")
        if picture.src is not None and len(picture.src) > room:
            full |= one.event.type == "image"  # another one could be smaller, but each has to be decoded for that
            picture = structs.replace(picture, src=None, width=None, height=None, why=_FULL)
        if picture.src is not None:
            room -= len(picture.src)
        else:
            left_out[picture.why or ""] += 1
            absent += 1
        if picture.src is not None or absent <= _ABSENT:
            found.setdefault(one.place, []).append((one, picture))
    return Pictures(
        {place: tuple(picture for _, picture in sorted(some, key=_in_step_order)) for place, some in found.items()},
        (
            *(f"{plural(number, 'picture')}: {why}" for why, number in sorted(left_out.items()) if number),
            *(
                f"pictures of {plural(number, 'run')} whose media.jsonl {UNREAD}: {why}"
                for why, number in sorted(unread.items())
            ),
        ),
    )


class _Wanted(Struct, frozen=True):
    """An event that is to be embedded if there is room."""

    turn: int  # 0: of its tag's last step
    number: int  # among the events of its step and tag
    rank: int  # of its run
    line: int  # in the media.jsonl
    place: int
    run: Run
    event: MediaEvent


_FULL = "no room (--media)"


def _picture(one: _Wanted, cache: Path | None, secrets: Sequence[str], *, full: bool) -> Picture:
    """The picture of *one*, or why there is none; nothing is read when the page is *full*."""
    src, width, height, why = None, None, None, _FULL if full else None
    if not full:
        try:
            src, width, height = _embedded(one.run, one.event, cache)
        except RefusedError as error:
            why = str(error)
    event = one.event
    caption = None if event.caption is None else scrubbed(event.caption, secrets)
    kind = "image" if src is not None and src.startswith("data:image/") else event.type  # a GIF is no video to browsers
    return Picture(event.step, event.tag, kind, caption, width, height, src, why)


def _in_step_order(shown: tuple[_Wanted, Picture]) -> tuple[int, int]:
    return shown[0].event.step, shown[0].line


def _wanted(runs: Sequence[tuple[int, Run]], left_out: Counter[str], unread: Counter[str]) -> list[_Wanted]:
    """What of the media of *runs* is to be shown, the most important first."""
    wanted = []
    for rank, (place, run) in enumerate(runs):
        steps: dict[str, dict[int, list[tuple[int, MediaEvent]]]] = {}
        for line, event in enumerate(_events(run, unread)):
            steps.setdefault(event.tag, {}).setdefault(event.step, []).append((line, event))
        for of_tag in steps.values():
            turns = spread(sorted(of_tag))
            for turn, step in enumerate(turns):
                some = list(enumerate(of_tag[step]))[:_OF_A_STEP]
                wanted += [_Wanted(turn, number, rank, line, place, run, event) for number, (line, event) in some]
                left_out[_BETWEEN] += len(of_tag[step]) - len(some)
            left_out[_BETWEEN] += sum(len(events) for step, events in of_tag.items() if step not in turns)
    return sorted(wanted, key=lambda one: (one.turn, one.number, one.rank))


_BETWEEN = f"between those that are shown, {STEPS} steps of a tag and {_OF_A_STEP} of a step"


def spread(steps: Sequence[int], count: int = STEPS) -> list[int]:
    """At most *count* of *steps*, which ascend, evenly chosen: the last, the first, the middle, then between those."""
    if len(steps) > count:
        steps = [steps[round(place * (len(steps) - 1) / (count - 1))] for place in range(count)]
    order = [steps[-1], steps[0]] if len(steps) > 1 else list(steps)
    spans = [(0, len(steps) - 1)]
    for low, high in spans:
        middle = (low + high) // 2
        if low < middle:
            order.append(steps[middle])
            spans += [(low, middle), (middle, high)]
    return order


def _events(run: Run, unread: Counter[str]) -> Sequence[MediaEvent]:
    if not run.has_media:
        return ()
    try:
        return read_media(os.path.join(run.run_dir, "media.jsonl")).events
    except OSError as error:
        unread[(error.strerror or "cannot be read").lower()] += 1
        return ()


def _embedded(run: Run, event: MediaEvent, cache: Path | None) -> tuple[str, int | None, int | None]:
    """The file of *event* as a data: URI, with the pixels of an image. Raises RefusedError."""
    if event.type not in {"image", "video"} or event.path.lower().endswith(".svg"):  # svg can hold script
        raise RefusedError("of a kind that is not shown")
    folder = os.path.join(os.path.realpath(run.run_dir), "media")
    try:
        path = str(media_file(run.run_dir, event.path))
        with opened_inside([folder], path) as file:
            if event.type == "video":
                return _video(file), None, None
            small = _thumbnail(file, path, cache)
    except (OSError, NotFoundError) as error:
        raise RefusedError("cannot be read") from error
    return _uri("image/webp", small.data), small.width, small.height


def _thumbnail(file: FileIO, path: str, cache: Path | None) -> Thumbnail:
    status = os.fstat(file.fileno())
    key, stamp = f"thumbnail {_VERSION} {path}", Stamp(status.st_mtime_ns, status.st_size, status.st_ino)
    data = kept.recall(cache, key, stamp) if cache else None
    if data is not None:
        with suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(data, type=Thumbnail)
    if stamp.size > MAX_BYTES:
        raise RefusedError(f"larger than {size(MAX_BYTES)}")
    small = thumbnail(file.read(stamp.size))
    if cache:
        kept.keep(cache, key, stamp, msgspec.msgpack.encode(small))
    return small


def _video(file: FileIO) -> str:
    data = file.read(_VIDEO + 1)
    if len(data) > _VIDEO:
        raise RefusedError(f"a video of more than {size(_VIDEO)}")
    for kind, (place, beginning) in _VIDEOS.items():
        if data.startswith(beginning, place):
            return _uri(kind, data)
    raise RefusedError("a video of a kind that not every browser plays")


def _uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
