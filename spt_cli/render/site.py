"""The page's script and style: the modules of site/ put together into one classic script, without a build step.

Browsers refuse modules that import each other from file://, so a page holds one script. The modules keep to what can be
linked by removing lines: imports of names from relative paths, exports of declarations, and no top-level name twice.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

from spt_cli import assets

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.\.?/[\w/-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |const |class )", re.MULTILINE)
_COMMENT = re.compile(
    r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL
)  # in lines of its own
_VENDORED = {"js": "vendor/uplot/uPlot.iife.min.js", "css": "vendor/uplot/uPlot.min.css"}


@cache
def script() -> str:
    """What the browser runs: the vendored library as it came, then our modules, each below those that it imports."""
    site = assets.folder("site")
    ours = "\n".join(linked(_text(site / name)) for name in order(site, "main.js"))
    start = 'main(document.getElementById("app"));'
    return f'{_text(site / _VENDORED["js"])}\n(() => {{\n"use strict";\n{ours}\n{start}\n}})();\n'


@cache
def style() -> str:
    """What the browser lays out with: the vendored style, page.css, which names the colours, and all others."""
    site = assets.folder("site")
    ours = sorted(site.glob("*/*.css"), key=lambda path: (path.name != "page.css", path.name))
    return "\n".join(_text(path) for path in (site / _VENDORED["css"], *ours))


def icon() -> bytes:
    """The picture that stands for a page, as SVG."""
    return (assets.folder("site") / "icon.svg").read_bytes()


def order(site: Path, first: str) -> list[str]:
    """The modules that *first* needs and itself, each after those that it imports. A circle is a ValueError."""
    done: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"modules import each other: {' -> '.join((*above, name))}")
        if name not in done:
            for needed in needs(site, name):
                visit(needed, (*above, name))
            done.append(name)

    visit(first, ())
    return done


def needs(site: Path, name: str) -> list[str]:
    """The modules that the module *name* of *site* imports, as paths in *site*."""
    return sorted(posixpath.normpath(f"{name}/../{to}") for to in _IMPORT.findall(_text(site / name)))


def linked(module: str) -> str:
    """*module* without its imports and the word `export`, and without its comments: a quarter of its bytes."""
    return _EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", module)))


def _text(path: Path) -> str:
    """As it stands: the page's policy holds a hash of these bytes, and universal newlines would change them."""
    return path.read_bytes().decode("utf-8")
