"""What `spt watch` costs: its first frame, idling, how soon a change shows, and memory after many polls."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import trees
from bench.measure import Line, line, seconds

_HERE = Path(__file__).resolve().parent
_SPT = [sys.executable, "-m", "spt_cli"]
_BARE = [sys.executable, "-c", "import typer\napp = typer.Typer()\napp.command()(lambda: None)\napp()"]
_SCAN = "import sys; from bench import peer; peer.scanner(sys.argv[1])._scan(initial=True)"
_POLLING = """
import sys, time
from bench import peer
scanner = peer.scanner(sys.argv[1])
scanner._scan(initial=True)
began, used = time.monotonic(), time.process_time()
while time.monotonic() - began < 20:
    due = time.monotonic() + 1
    scanner._scan()
    time.sleep(max(0, due - time.monotonic()))
print((time.process_time() - used) / (time.monotonic() - began))
"""
_TICK = os.sysconf("SC_CLK_TCK")


def watch() -> Iterator[Line]:
    """All lines about watch."""
    small, large = trees.runs(1_000), trees.runs(10_000)

    name = "first frame of spt watch, 1,000 runs"
    bare = [(_first_frame(small), seconds(_call(_BARE))) for _ in range(9)]
    yield line(name, bare, unit="s", against="bare Typer command", goal=4.0)
    scan = _call([sys.executable, "-c", _SCAN, str(small)])
    peers = [(_first_frame(small), seconds(scan)) for _ in range(9)]
    yield line(name, peers, unit="s", against="peer's first scan", goal=1.0)
    idle = [(_idle(large), _polling(large)) for _ in range(3)]
    yield line("processor time of spt watch, 10,000 runs", idle, unit="s/s", against="peer", goal=0.1)
    yield line("a change shows, --interval 1s", _latencies(), unit="s", against="the interval", goal=1.2)
    yield line("memory after 1,000 polls, 200 runs live", [_memory()], unit="MB", against="after 100", goal=1.05)


@contextmanager
def _screen(*words: str | Path) -> Iterator[tuple[int, Callable[[bytes, float], None]]]:
    """`spt watch` on a terminal of 120 x 40: its pid, and a function that reads until some bytes came or time is up."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [*_SPT, "watch", *map(str, words)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def until(wanted: bytes, seconds: float) -> None:
        end, seen = time.monotonic() + seconds, b""
        while time.monotonic() < end and not (wanted and wanted in seen):
            if select.select([terminal], [], [], 0.02)[0]:
                try:
                    seen += os.read(terminal, 1 << 16)
                except OSError:  # it has ended
                    return

    try:
        yield pid, until
    finally:
        os.kill(pid, 15)
        until(b"", 0.2)
        os.waitpid(pid, 0)
        os.close(terminal)


def _first_frame(root: Path) -> float:
    """Seconds from the start of the process until runs are on the screen."""
    began = time.perf_counter()
    with _screen(root, "--interval", "1s") as (_, until):
        until(b"completed", 30)
        return time.perf_counter() - began


def _call(command: list[str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=_HERE.parent)


def _idle(root: Path) -> float:
    """Processor seconds a second of the screen when nothing changes."""
    with _screen(root, "--interval", "1s") as (pid, until):
        until(b"", 10)
        began, used = time.monotonic(), _used(pid)
        until(b"", 20)
        return (_used(pid) - used) / (time.monotonic() - began)


def _polling(root: Path) -> float:
    command = [sys.executable, "-c", _POLLING, str(root)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=_HERE.parent).stdout)


def _latencies() -> list[tuple[float, float]]:
    """Seconds from a write to its event, for 20 writes at odd moments, each beside the interval."""
    root = trees.BUILD / "changing"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(trees.runs(1_000) / "20261101", root)
    path = next(path for path in sorted(root.rglob("sidecar.json")) if b'"running"' in path.read_bytes())
    sidecar = json.loads(path.read_text())
    command = [*_SPT, "watch", str(root), "-o", "ndjson", "--interval", "1s"]
    pairs = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        _lines_until(process.stdout.fileno(), b"added", quiet=2.0)
        for number in range(20):
            sidecar["summary"]["val/metric0"] = float(number)
            (path.parent / "new").write_text(json.dumps(sidecar))
            began = time.monotonic()
            (path.parent / "new").replace(path)
            os.utime(path.parent / "heartbeat")
            _lines_until(process.stdout.fileno(), b'"summary.val/metric0"')
            pairs.append((time.monotonic() - began, 1.0))
            _lines_until(process.stdout.fileno(), b"", quiet=0.37 * (number % 3))
        process.terminate()
    return pairs


def _lines_until(stream: int, wanted: bytes, quiet: float = 30.0) -> None:
    """Reads until *wanted* came, or nothing for *quiet* seconds."""
    seen = b""
    while select.select([stream], [], [], quiet)[0]:
        seen += os.read(stream, 1 << 16)
        if wanted and wanted in seen and wanted != b"added":
            return


def _memory() -> tuple[float, float]:
    """(MB after 1,000 polls, MB after 100) of a screen on a tree that 200 runs are written to."""
    root = trees.BUILD / "live"
    shutil.rmtree(root, ignore_errors=True)
    demo = [*_SPT, "demo", str(root), "--runs", "200", "--live"]
    with subprocess.Popen(demo, stdout=subprocess.DEVNULL) as writer:
        while not any(root.rglob("sidecar.json")):
            time.sleep(0.2)
        with _screen(root, "--interval", "100ms", "-m", "val/acc") as (pid, until):
            until(b"", 10)
            before = _resident(pid)
            until(b"", 90)
            after = _resident(pid)
        writer.terminate()
    return after / 1e6, before / 1e6


def _used(pid: int) -> float:
    """Processor seconds of the process *pid* so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _resident(pid: int) -> int:
    """Bytes of the process *pid* in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
