"""The program: options in, text out, an exit code. What goes wrong is told here, and nowhere else."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from spt_cli import errors
from spt_cli.errors import SptError, UsageError

PEERS = ("run", "web", "registry", "dump-csv-logs")  # commands of stable-pretraining, which installs an `spt` too


def main(arguments: Sequence[str] | None = None, program: str = "spt") -> int:
    """Runs `spt` with *arguments*, by default those of the process, and returns its exit code (docs/exit-codes.md).

    Typer is imported only within: its 0.15 s are when an impatient Ctrl-C comes.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    before = _on_terminate(_terminate)
    try:
        code = _dispatch(words, program)
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        code = errors.BROKEN_PIPE
    except KeyboardInterrupt:
        code = errors.INTERRUPTED
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence and an exit code, never a traceback
        code = _explain(error, debug="--debug" in words)
    finally:
        _on_terminate(before)
    _let_go_of_stdout()
    return code


def main_ours(arguments: Sequence[str] | None = None) -> int:
    """The entry point `spt-cli`: nothing is handed to stable-pretraining."""
    return main(arguments, "spt-cli")


def _dispatch(words: list[str], program: str) -> int:
    if words and words[0] in PEERS:
        return _hand_on(words, program)
    from spt_cli.commands.app import run

    return run(words, program)


def _hand_on(words: list[str], program: str) -> int:
    """stable-pretraining's own command line with *words*, when it is installed beside us."""
    peer = f"`{words[0]}` is a command of stable-pretraining"
    if program != "spt":
        raise UsageError(peer, hint=f"run `spt {words[0]}`: {program} has only its own commands")
    try:
        from stable_pretraining.cli import app  # type: ignore[import-not-found]
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] == "stable_pretraining":
            raise UsageError(f"{peer}, which is not installed here", hint="pip install stable-pretraining") from error
        raise
    app(args=words, prog_name=program)  # ends the process with SystemExit
    return 0


def _explain(error: Exception, *, debug: bool) -> int:
    """Tells *error* on stderr; what comes back is the exit code."""
    from spt_cli.commands.output import say

    if debug:
        import traceback

        traceback.print_exception(error)
    hint, code = None, errors.FAILED
    if isinstance(error, SptError):
        message, hint, code = str(error), error.hint, error.exit_code
    elif isinstance(error, OSError) and error.strerror:
        message = error.strerror + (f": {os.fsdecode(error.filename)}" if error.filename else "")
    else:
        message = f"this is a mistake in spt: {type(error).__name__}: {error}"
        hint = "`--debug` shows where; please report it"
    say(f"spt: {message}", *(f"     {line}" for line in (hint.split("\n") if hint else ())))
    return code


def _let_go_of_stdout() -> None:
    """Points stdout at nothing when it takes no more: the interpreter would try again at its end, and complain."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):  # ValueError: no file behind it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(errors.TERMINATED)


def _on_terminate(handler: signal._HANDLER) -> signal._HANDLER:
    """Installs *handler* for SIGTERM and returns the one before; only the main thread may."""
    if threading.current_thread() is threading.main_thread():
        return signal.signal(signal.SIGTERM, handler)
    return None
