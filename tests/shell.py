"""The program as people run it: within this process, as a process, and on a terminal."""

from __future__ import annotations

import fcntl
import io
import math
import os
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO
from unittest.mock import patch

from spt_cli.commands import main, trees

PROGRAM = (sys.executable, "-m", "spt_cli")
CHANGES_OUTPUT = ("SPT_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "PYTHONIOENCODING")


class Done(NamedTuple):
    """What a call of spt came to."""

    code: int
    out: str
    err: str


def spt(*words: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None, program: str = "spt") -> Done:
    """Runs spt within this process, with pipes for stdin, stdout and stderr: the quick way."""
    streams = [io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="") for data in (stdin, b"", b"")]
    with _as_process(streams, environment(env)):
        code = main([str(word) for word in words], program)
    out, err = (text(stream) for stream in streams[1:])
    return Done(code, out, err)


def process(*words: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Done:
    """Runs spt as a process of its own."""
    done = subprocess.run(
        [*PROGRAM, *map(str, words)], input=stdin, capture_output=True, env=environment(env), check=False
    )
    return Done(done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode())


def terminal(
    *words: str | Path,
    columns: int = 80,
    env: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    patience: float = math.inf,
) -> tuple[int, bytes]:
    """Exit code and what a terminal of *columns* columns was sent by spt, which runs within this process.

    How far a scan is, is told after *patience* seconds: what is sent does not depend on how busy a machine is.
    """
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with ThreadPoolExecutor(1) as reader:
        sent = reader.submit(read_all, ours)
        with ExitStack() as stack:
            streams = [stack.enter_context(open(os.dup(theirs), mode, encoding=encoding)) for mode in ("r", "w", "w")]
            os.close(theirs)
            stack.enter_context(patch.object(trees, "_PATIENCE", patience))
            with _as_process(streams, environment({"TERM": "xterm-256color"} | dict(env or {}))):
                code = main([str(word) for word in words])
        shown = sent.result()
    os.close(ours)
    return code, shown.replace(b"\r\n", b"\n")


@contextmanager
def _as_process(streams: Sequence[TextIO], env: Mapping[str, str]) -> Iterator[None]:
    """Within it stdin, stdout and stderr are *streams*, and the environment is *env*."""
    names = dict(zip(("stdin", "stdout", "stderr"), streams, strict=True))
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, env, clear=True))
        for name, stream in (names | {"__stdout__": streams[1]}).items():  # that one is asked how wide it is
            stack.enter_context(patch.object(sys, name, stream))
        yield


def read_all(handle: int) -> bytes:
    """What comes from the terminal *handle* until the last one that writes to it has gone."""
    sent = b""
    while True:
        select.select([handle], [], [], 60)
        try:
            data = os.read(handle, 65536)
        except OSError:  # EIO: the other end is closed
            return sent
        if not data:
            return sent
        sent += data


def environment(changes: Mapping[str, str] | None) -> dict[str, str]:
    """This process's environment without what changes output, with *changes*; caches go nowhere."""
    base = {name: value for name, value in os.environ.items() if not name.startswith(CHANGES_OUTPUT)}
    return base | {"XDG_CACHE_HOME": "/dev/null", "PYTHONUTF8": "1"} | dict(changes or {})


def text(stream: io.TextIOWrapper) -> str:
    """All that was written to *stream*, bytes that are not UTF-8 as lone surrogates."""
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode(errors="surrogateescape")
