"""The program as people run it: within this process, as a process, and on a terminal."""

from __future__ import annotations

import fcntl
import io
import os
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from spt_cli.commands import main

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
    names = ("sys.stdin", "sys.stdout", "sys.stderr")
    with patch.dict(os.environ, environment(env), clear=True):
        patches = [patch(name, stream) for name, stream in zip(names, streams, strict=True)]
        for each in patches:
            each.start()
        try:
            code = main([str(word) for word in words], program)
        finally:
            for each in patches:
                each.stop()
    out, err = (text(stream) for stream in streams[1:])
    return Done(code, out, err)


def process(*words: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Done:
    """Runs spt as a process of its own."""
    done = subprocess.run(
        [*PROGRAM, *map(str, words)], input=stdin, capture_output=True, env=environment(env), check=False
    )
    return Done(done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode())


def terminal(
    *words: str | Path, columns: int = 80, env: Mapping[str, str] | None = None, err: bool = True
) -> tuple[int, bytes]:
    """Exit code and what a terminal of *columns* columns was sent by spt; with *err* stderr too."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = subprocess.Popen(
        [*PROGRAM, *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs if err else subprocess.DEVNULL,
        env=environment({"TERM": "xterm-256color"} | dict(env or {})),
        start_new_session=True,
    )
    os.close(theirs)
    sent = read_all(ours)
    os.close(ours)
    return running.wait(), sent.replace(b"\r\n", b"\n")


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
