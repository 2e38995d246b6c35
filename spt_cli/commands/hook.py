"""The command of --exec: run for one event after another, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE = 1.0  # seconds from SIGTERM to SIGKILL


class Hook:
    """Hands events to *command*, which `sh -c` gets as it was typed; nothing is put into it.

    Its stdout is the file descriptor *stdout*, by default ours. `stop` may be called from another thread.
    """

    def __init__(self, command: str, *, stdout: int | None = None, stderr: int | None = None) -> None:
        self.calls = 0
        self.failures = 0
        self._command = command
        self._streams = stdout, stderr
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def call(self, event: bytes, *, timeout: float | None = None) -> str | None:
        """Runs the command with *event* on its stdin, and returns in a few words how it failed, None if it did not.

        It is ended when *timeout* seconds have passed, and when anything is raised while it runs.
        """
        try:
            with self._lock, _signals_held():
                if self._stopped:
                    return None
                self.calls += 1
                self._child = _started(self._command, *self._streams)
            self._child.communicate(event, timeout)
        except OSError as error:
            self.failures += 1
            return error.strerror or "it could not be started"
        except BaseException as error:
            if self._child:
                _end(self._child)
            if isinstance(error, subprocess.TimeoutExpired):
                return None
            raise
        if self._child.returncode == 0 or self._stopped:
            return None
        self.failures += 1
        return _how(self._child.returncode)

    def stop(self) -> None:
        """Ends the command if it runs, and starts none any more."""
        with self._lock:
            self._stopped = True
            if self._child:
                _end(self._child)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Lets signals wait: one that ends us while a child is being started would leave it behind, not known yet."""
    if threading.current_thread() is not threading.main_thread():  # no other thread is interrupted
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for waiting in came:
            signal.raise_signal(waiting)


def _started(command: str, stdout: int | None, stderr: int | None) -> subprocess.Popen[bytes]:
    """A session of its own: all that it starts can be ended, and nothing of it waits for the terminal."""
    return subprocess.Popen(  # noqa: S603 - the user's own command, as typed
        ["sh", "-c", command],  # noqa: S607 - and the user's own sh
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def _how(returncode: int) -> str:
    if returncode > 0:
        return f"exit code {returncode}"
    try:
        return f"ended by {signal.Signals(-returncode).name}"
    except ValueError:  # a real-time signal
        return f"ended by signal {-returncode}"


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ends *child* and all of its session, gently first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(child.pid, number)
                child.wait(_GRACE)
    if child.stdin:
        with suppress(OSError):
            child.stdin.close()
