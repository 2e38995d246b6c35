"""The Typer application with all commands."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from typing import Annotated

import typer
from typer.main import get_command

from spt_cli import __version__
from spt_cli.commands.output import emit
from spt_cli.commands.usage import Command, Group, TyperUsageError, in_our_words
from spt_cli.errors import FAILED, UsageError


def spt(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="With --version: the plugins' versions too.")
    ] = False,
) -> None:
    """See what training runs do.

    spt ls runs --state failed
    """
    if version:
        emit([f"spt {__version__}\n"])
        if verbose:
            from spt_cli.logs.layouts import plugins

            packages = {plugin.package: plugin.version for plugin in plugins()}
            emit(f"{package} {number}\n" for package, number in sorted(packages.items()) if package != "spt-cli")
        raise typer.Exit
    if verbose:
        raise UsageError("-v goes with --version")
    if context.invoked_subcommand is None:
        emit([context.get_help() + "\n"])


# As the help page lists them; each has a module.
COMMANDS = ("ls", "watch", "metrics", "logs", "export", "serve", "edit", "plugins", "demo", "help")


def run(words: list[str], program: str) -> int:
    """Runs the command line *words* and returns its exit code; SptErrors and broken pipes are for the caller.

    Not `app()`: that turns a broken pipe into exit 1, and words errors its own way.
    """
    app = typer.Typer(
        cls=Group,
        rich_markup_mode=None,  # rich would cost every help page and every mistake 0.1 s
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(spt)
    for name in [words[0]] if words and words[0] in COMMANDS else COMMANDS:  # ls does not pay for metrics' numpy
        app.command(name, cls=Command)(import_module(f"spt_cli.commands.{name}").command)
    command = get_command(app)
    if os.environ.get(f"_{program.replace('-', '_').upper()}_COMPLETE"):
        with suppress(Exception):  # a shell asks at TAB, and what it gets instead of an answer stands in the prompt
            command.main(words, prog_name=program)  # ends with SystemExit
        return FAILED
    try:
        with command.make_context(program, words) as context:
            command.invoke(context)
    except typer.Exit as stop:
        return stop.exit_code
    except TyperUsageError as error:
        raise in_our_words(error, program) from error
    return 0
