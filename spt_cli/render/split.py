"""The page as a folder of files, for places whose policy lets nothing stand in a page but text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from pathlib import Path

from msgspec import structs

from spt_cli.render import html, site
from spt_cli.report import Picture, Report

PAGE, SCRIPT, STYLE, IMAGES = "index.html", "page.js", "page.css", "images"

_OURS = b"/* spt export */\n"
_GENERATOR = b'<meta name="generator" content="spt export">'
_IMAGE = re.compile(rf"{IMAGES}/[0-9a-f]{{16}}\.[a-z0-9]+")
_EMBEDDED = re.compile(r"data:(?:image|video)/([a-z0-9]+);base64,(.*)", re.DOTALL)


def files(report: Report) -> dict[str, bytes]:
    """The files that show *report*, by path: the page, its script and style, and pictures under their digests."""
    found: dict[str, bytes] = {}
    media = {place: tuple(_linked(picture, found) for picture in shown) for place, shown in report.media.items()}
    icon = _image("icon.svg", site.icon())
    found[icon] = site.icon()
    linked = html.Files(script=SCRIPT, style=STYLE, icon=icon)
    page = b"".join(html.page(structs.replace(report, media=media), linked))
    return {PAGE: page, SCRIPT: _OURS + site.script().encode(), STYLE: _OURS + site.style().encode()} | found


def owned(folder: Path, path: str) -> bool:
    """Whether an export made *path* below *folder*, as its content tells. Raises OSError when that cannot be read."""
    if path == IMAGES:
        return (folder / path).is_dir()
    if path == PAGE:
        return _GENERATOR in (folder / path).read_bytes()
    if path in {SCRIPT, STYLE}:
        return (folder / path).read_bytes().startswith(_OURS)
    return _IMAGE.fullmatch(path) is not None and _image(path, (folder / path).read_bytes()) == path


def _linked(picture: Picture, found: dict[str, bytes]) -> Picture:
    """*picture* with its bytes added to *found*, under the path that it then has for a `src`."""
    embedded = _EMBEDDED.fullmatch(picture.src or "")
    if not embedded:
        return picture
    try:
        data = base64.b64decode(embedded[2], validate=True)
    except binascii.Error:
        return picture
    path = _image(f".{embedded[1]}", data)
    found[path] = data
    return structs.replace(picture, src=path)


def _image(name: str, data: bytes) -> str:
    """The path of a picture that holds *data* and whose *name* ends as its own."""
    return f"{IMAGES}/{hashlib.sha256(data).hexdigest()[:16]}.{name.rpartition('.')[2]}"
