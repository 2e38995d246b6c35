"""What the place that output goes to can show: width, colours, characters."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TextIO

from msgspec import Struct


class Terminal(Struct, frozen=True):
    """Where text goes. The default is a pipe: no width to keep to, no colours, UTF-8."""

    width: int | None = None  # columns; None: not a terminal, nothing is cut
    color: bool = False
    unicode: bool = True  # False: plain ASCII only

    def paint(self, text: str, style: str) -> str:
        """*text* in *style* (`red`, `bold cyan`, ...; "" is none) where colours are shown."""
        if not (self.color and style and text):
            return text
        return f"\x1b[{';'.join(_SGR[word] for word in style.split())}m{text}\x1b[0m"

    def shown(self, text: str) -> str:
        r"""*text* in characters that can be shown: where that is only ASCII, others as `\xe9` and `\u2026`."""
        return text if self.unicode else text.encode("ascii", "backslashreplace").decode()


def detect(stream: TextIO | None, environ: Mapping[str, str], color: str = "auto") -> Terminal:
    """What *stream* can show. *color* `always` or `never` outweighs NO_COLOR, that FORCE_COLOR, that TERM=dumb.

    COLUMNS counts where there is a terminal, before what that reports (as `shutil.get_terminal_size` has it).
    """
    if stream is None or stream.closed:
        return Terminal()
    shown = stream.isatty()
    if color == "auto":
        wanted = shown and environ.get("TERM") != "dumb"
        wanted = not environ.get("NO_COLOR") and (wanted or bool(environ.get("FORCE_COLOR")))
    else:
        wanted = color == "always"
    encoding = (stream.encoding or "").lower().replace("-", "")
    return Terminal(
        width=shutil.get_terminal_size().columns if shown else None,
        color=wanted,
        unicode=encoding == "utf8",
    )


_SGR = {"bold": "1", "dim": "2", "reverse": "7"} | {
    name: f"3{number}" for number, name in enumerate(("black", "red", "green", "yellow", "blue", "magenta", "cyan"))
}
