"""The page: one HTML file that opens anywhere, says the main things without scripts, and lets nothing else run.

Whatever came from runs is escaped by Jinja2's autoescape, or stands in JSON in which no `<` is left.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from spt_cli import assets
from spt_cli.exported.packing import packed
from spt_cli.render import json, site, static
from spt_cli.render.chunks import chunk
from spt_cli.render.report_json import head
from spt_cli.report.model import ROUNDING, Report
from spt_cli.words.text import printable


class Files(Struct, frozen=True):
    """Where script and style of a split page stand, relative to it."""

    script: str
    style: str
    icon: str


class Served(Struct, frozen=True):
    """What a page needs to know of the server that it fetches its data from."""

    title: str
    roots: tuple[str, ...]  # labels
    stale_after: float  # seconds
    read_only: bool
    key: str = ""  # tells these roots from others with the same labels, in what a browser remembers


class Block(Struct, frozen=True):
    """Data in the page: an element that the browser neither runs nor shows."""

    id: str
    type: str
    text: Markup  # without any `<`


def page(report: Report, files: Files | None = None) -> Iterator[bytes]:
    """The page of *report*, piece by piece; with *files* its script and style are not in it.

    The same report gives the same bytes. docs/page-data.md says what its data are.
    """
    template = _environment().get_template("page.html")
    values = {
        "title": report.title or "runs",
        "policy": _ours(policy(files)),
        "style_file": files and files.style,
        "script_file": files and files.script,
        "icon": files.icon if files else _ours(_icon()),
        "style": _ours(site.style()),
        "script": _ours(site.script()),
        "data": blocks(report),
        "rounding": ROUNDING,
    }
    for piece in template.generate(values | static.contents(report)):
        yield piece.encode()


def live_page(served: Served) -> bytes:
    """The page of `spt serve`: no data, and the `live_files` below assets/."""
    script, style = live_files()
    values = {
        "title": served.title or "runs",
        "script_file": script,
        "style_file": style,
        "settings": embedded(served),
        "icon": _ours(_icon()),
    }
    return _environment().get_template("live.html").render(values).encode()


@cache
def live_files() -> dict[str, bytes]:
    """Script and style of `live_page`, named by what is in them, so that browsers may keep them for ever."""
    files = {"js": site.script().encode(), "css": site.style().encode()}
    return {f"page-{hashlib.sha256(data).hexdigest()[:12]}.{kind}": data for kind, data in files.items()}


def policy(files: Files | None = None) -> str:
    """The Content-Security-Policy: this one script and style, pictures out of the page itself, and nothing else."""
    if files:
        script = style = media = "'self'"
        media += " data:"
    else:
        script, style, media = f"'{_hashed(site.script())}'", f"'{_hashed(site.style())}'", "data:"
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; img-src {media}; media-src {media}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def blocks(report: Report) -> Iterator[Block]:
    """The data of the page, as its script looks for them."""
    yield Block("report", "application/octet-stream", _ours(packed(embedded(head(report)).encode())))
    for number, metric in enumerate(report.metrics):
        yield Block(f"curves-{number}", "application/octet-stream", _ours(chunk(metric)))
    for place, logs in sorted(report.logs.items()):
        yield Block(f"logs-{place}", "application/json", embedded(logs))
    for place, pictures in sorted(report.media.items()):
        yield Block(f"media-{place}", "application/json", embedded(pictures))


def embedded(value: Any) -> Markup:
    """*value* as JSON in ASCII without any `<`: `</script` would end its element, `<!--<script` the page."""
    text = json.encode(value).decode().replace("<", "\\u003c")
    return _ours(_BEYOND_ASCII.sub(_escaped, text))


_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))


def _ours(text: str) -> Markup:
    """*text* that is to stand as it is: written by us, base64, or JSON without any `<`."""
    return Markup(text)  # noqa: S704 - the only place that escapes nothing, and nothing of a run comes here


def _icon() -> str:
    """In a tab, among others. A page that names none asks its server for /favicon.ico."""
    return f"data:image/svg+xml;base64,{base64.b64encode(site.icon()).decode()}"


def _hashed(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(assets.folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_harmless,
    )
    environment.filters |= {"glyph": static.glyph, "state_class": static.state_class}
    return environment


def _harmless(value: object) -> object:
    r"""Text of runs, what reorders or hides it written out as in a terminal: `\u202e`."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(value, lines=True)
