"""What a user is told when something cannot be done; shown in one place, `commands.main`."""

from __future__ import annotations

FAILED = 1  # could not do it
USAGE = 2  # wrong usage; Typer's own number
PROBLEMS = 3  # done, with problems, under --strict
NOT_FOUND = 4  # no such run, metric or stream
TIMED_OUT = 124  # as timeout(1)
HUNG_UP = 129  # 128 + SIGHUP
INTERRUPTED = 130  # 128 + SIGINT
BROKEN_PIPE = 141  # 128 + SIGPIPE
TERMINATED = 143  # 128 + SIGTERM


class SptError(Exception):
    """Something the user can understand: what is wrong, which thing, and in *hint* what to do now.

    The message is lower case and names the thing; the exit code of the process is *exit_code*.
    """

    exit_code = FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(SptError):
    """The command line, a selection or a pattern cannot be understood."""

    exit_code = USAGE


class NotFoundError(SptError):
    """No such run, metric or stream."""

    exit_code = NOT_FOUND
