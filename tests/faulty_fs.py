"""A FUSE file system that shows another folder and, while told to, answers as a bad network disk does.

    python -m tests.faulty_fs SOURCE MOUNTPOINT RATE SEED

RATE is a file that holds the share of operations that go wrong; 0 or no such file: none; more than 1: all below the
mountpoint itself hang until it is less. Prints a line when mounted.
Nothing is cached by the kernel, so every operation arrives here.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

FUSE = [  # the marks of tests that mount it
    pytest.mark.fuse,
    pytest.mark.skipif(
        os.geteuid() != 0
        or not Path("/dev/fuse").exists()
        or shutil.which("fusermount3") is None
        or importlib.util.find_spec("mfusepy") is None,
        reason="needs root, /dev/fuse, fuse3 and mfusepy",
    ),
]
ERRORS = (errno.EIO, errno.ESTALE, errno.EACCES, errno.EINTR)


@contextmanager
def mounted(source: Path, mountpoint: Path, rate: Path, seed: int) -> Iterator[subprocess.Popen[bytes]]:
    """*source* shown at *mountpoint* by a process of its own; unmounted, and the process ended, whatever happens.

    Who stops the process has a disk that hangs as a server's does that is gone: who waits for it can be killed.
    """
    command = [sys.executable, "-m", "tests.faulty_fs", *map(str, (source, mountpoint, rate, seed))]
    with subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"mounted\n"
            yield server
        finally:
            subprocess.run(["fusermount3", "-u", "-z", str(mountpoint)], check=False)
            with suppress(subprocess.TimeoutExpired):
                server.wait(5)
            server.kill()


class _Answers:
    """What is asked of the mount, answered from *source*; the names and signatures are mfusepy's."""

    use_ns = True  # st_mtime is in nanoseconds

    def __init__(self, source: str, rate: Path, seed: int) -> None:
        self.source = source
        self.rate = rate
        self.dice = random.Random(seed)

    def _rate(self) -> float:
        try:
            return float(self.rate.read_text())
        except (OSError, ValueError):
            return 0.0

    def _go_wrong(self, path: str = "") -> None:
        """Fails or dawdles, or lets another machine write, as often as the rate says."""
        while (rate := self._rate()) > 1 and path != "/":
            time.sleep(0.01)
        if rate <= 1 and self.dice.random() < rate:
            if self.dice.random() < 0.8:
                error = self.dice.choice(ERRORS)
                raise OSError(error, os.strerror(error))
            time.sleep(0.003)  # a slow answer; no test waits for this time to pass
        if rate and self.dice.random() < 0.02:
            _replace_some_sidecar(Path(self.source), self.dice)

    def init_with_config(self, _connection: Any, config: Any) -> None:
        config.direct_io = config.use_ino = 1
        config.entry_timeout = config.attr_timeout = config.negative_timeout = 0
        print("mounted", flush=True)

    def getattr(self, path: str, _handle: int | None = None) -> dict[str, int]:
        self._go_wrong(path)
        found = os.lstat(self.source + path)
        names = ("st_mode", "st_ino", "st_nlink", "st_uid", "st_gid", "st_size")
        times = {f"st_{kind}time": getattr(found, f"st_{kind}time_ns") for kind in "amc"}
        return {name: getattr(found, name) for name in names} | times

    def opendir(self, _path: str) -> int:
        self._go_wrong()
        return 0

    def readdir(self, path: str, _handle: int) -> Iterator[tuple[str, dict[str, int], int]]:
        self._go_wrong()
        with os.scandir(self.source + path) as entries:
            for entry in entries:
                found = entry.stat(follow_symlinks=False)
                yield entry.name, {"st_ino": found.st_ino, "st_mode": found.st_mode}, 0

    def open(self, path: str, flags: int) -> int:
        self._go_wrong()
        return os.open(self.source + path, flags)

    def read(self, _path: str, size: int, offset: int, handle: int) -> bytes:
        self._go_wrong()
        return os.pread(handle, size, offset)

    def release(self, _path: str, handle: int) -> int:
        os.close(handle)
        return 0


def main(source: str, mountpoint: str, rate: str, seed: str) -> None:
    """Serve until unmounted."""
    import mfusepy  # type: ignore[import-untyped]  # it brings no types

    serving = type("Serving", (_Answers, mfusepy.Operations), {})
    mfusepy.FUSE(serving(source, Path(rate), int(seed)), mountpoint, foreground=True, fsname="spt-faulty")


def _replace_some_sidecar(source: Path, dice: random.Random) -> None:
    """What a trainer on another machine does between two of a reader's calls: a new file under the old name."""
    sidecar = dice.choice(sorted(source.rglob("sidecar.json")))
    new = sidecar.with_name(f".sidecar.json.{dice.random()}.tmp")
    shutil.copyfile(sidecar, new)
    new.replace(sidecar)


if __name__ == "__main__":
    main(*sys.argv[1:])
