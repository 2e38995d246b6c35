"""Open the page in this machine's browser, without the token standing in the list of processes."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path

from spt_cli.errors import SptError
from spt_cli.server.token import state_folder


@contextmanager
def opened(url: str, environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Opens *url* in a browser; within it there is a file, closed to others, that leads there.

    A browser is started with that file's name, since what it is started with everybody can see. SptError where there is
    no screen.
    """
    if sys.platform != "darwin" and not any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")):
        raise SptError("--open: there is no screen here", hint="open the address where there is one (spt help serve)")
    there = f'<meta http-equiv="refresh" content="0;url={escape(url)}">'
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=state_folder("open"), prefix="page-", suffix=".html", delete=False
        ) as file:  # mkstemp gives it mode 0600
            file.write(f"<!doctype html><title>spt</title>{there}\n")
    except OSError as error:
        raise SptError(f"--open: no file can be written that leads there ({error.strerror or error})") from error
    path = Path(file.name)
    try:
        threading.Thread(target=webbrowser.open, args=(path.as_uri(),), name="spt-open", daemon=True).start()
        yield
    finally:
        path.unlink(missing_ok=True)
