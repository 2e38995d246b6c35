"""`spt watch` as a process whose lines a test awaits."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.shell import PROGRAM, environment
from tests.trees import NOW, Tree

PATIENCE = 60.0  # seconds after which a test has failed
CREATED = time.time() - 60  # of runs that are alive, s since 1970
QUICK = ("--interval", "0.05s")


def put(tree: Tree, run_id: str, *, ended: bool = False, **sidecar: Any) -> None:
    """Makes a run or replaces its files, as the logger does it: nobody sees half of it. It is alive unless *ended*."""
    now = time.time()
    staged = Tree(tree.root.with_name("staged"))
    alive: dict[str, Any] = {"status": "running", "created_at": CREATED}
    if ended:
        folder = staged.run(run_id, **{"created_at": NOW} | sidecar)
    else:
        folder = staged.run(run_id, at=now, heartbeat=now, **alive | sidecar)
    target = tree.root / run_id
    if target.exists():
        for path in folder.iterdir():
            path.replace(target / path.name)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(target)


class Watch:
    """spt watch with *words*, looking 20 times a second; ended with the block."""

    def __init__(self, *words: str | Path, env: Mapping[str, str] | None = None, stdin: int | None = None) -> None:
        self._process = subprocess.Popen(
            [*PROGRAM, "watch", *map(str, words), *QUICK],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(env),
        )
        assert self._process.stdout
        assert self._process.stderr
        self.stdout, self.stderr = self._process.stdout, self._process.stderr
        self._read = {self.stdout.fileno(): b"", self.stderr.fileno(): b""}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self.stdout.close()
        self.stderr.close()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def line(self) -> str:
        """The next line on stdout."""
        return self._next(self.stdout.fileno())

    def said(self) -> str:
        """The next line on stderr."""
        return self._next(self.stderr.fileno())

    def event(self) -> dict[str, Any]:
        """The next line on stdout, an object."""
        event = json.loads(self.line())
        assert isinstance(event, dict)
        return event

    def told(self, count: int) -> list[tuple[str, str]]:
        """Kind and run of the next *count* events."""
        events = [self.event() for _ in range(count)]
        return [(event["event"], event["run"]["run_id"]) for event in events]

    def until(self, kind: str, run_id: str) -> dict[str, Any]:
        """The next event of this kind that this run has; those before it are skipped."""
        while True:
            event = self.event()
            if (event["event"], event["run"]["run_id"]) == (kind, run_id):
                return event

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code after a signal, and what was still on stdout and stderr."""
        self._process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str, str]:
        """Exit code, once it has ended by itself, and what was still on stdout and stderr."""
        code = self._process.wait(PATIENCE)
        rest = [self._read[stream.fileno()] + stream.read() for stream in (self.stdout, self.stderr)]
        return code, rest[0].decode(), rest[1].decode()

    def _next(self, handle: int) -> str:
        ends_at = time.monotonic() + PATIENCE
        while b"\n" not in self._read[handle]:
            ready, _, _ = select.select([handle], [], [], max(ends_at - time.monotonic(), 0))
            data = os.read(handle, 1 << 16) if ready else b""
            assert data, f"nothing came: {self.end()}"
            self._read[handle] += data
        line, _, self._read[handle] = self._read[handle].partition(b"\n")
        return line.decode()
