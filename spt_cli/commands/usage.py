"""How help pages look, and what is said of a command line that cannot be understood."""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from spt_cli.errors import UsageError
from spt_cli.text import did_you_mean

# click's UsageError. Typer carries its own click from 0.26 on and does not export the class.
TyperUsageError: type[Exception] = typer.BadParameter.__bases__[0]


class Command(TyperCommand):
    """A command whose help lists the options by subject, the same under every version of Typer."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes a section for each `rich_help_panel`, those without one last."""
        _write_options(self.get_params(ctx), formatter)


class Group(TyperGroup):
    """The program, whose help lists the commands before the options."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes the commands, then the options."""
        self.format_commands(ctx, formatter)
        _write_options(self.get_params(ctx), formatter)


def in_our_words(error: Exception, program: str) -> UsageError:
    """What Typer says of wrong usage as a UsageError with suggestions, which Typer makes differently in each version."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else program
    message = str(getattr(error, "message", "")) if _near(error, context) else error.format_message()  # type: ignore[attr-defined]
    message = message.partition(". Did you mean ")[0].rstrip("?.").replace("No such option: ", "No such option ")
    hints = [hint for hint in (_near(error, context), f"`{path} --help` shows what there is") if hint]
    return UsageError(message[:1].lower() + message[1:], hint="\n".join(hints))


def _near(error: Exception, context: Any) -> str | None:
    """The options or commands that look like the one that there is not."""
    if context is None:
        return None
    if option := getattr(error, "option_name", None):
        known = [name for param in context.command.get_params(context) for name in param.opts]
        return did_you_mean(option, known) if option not in known else None
    unknown = re.match(r"No such command '(.*?)'", getattr(error, "message", ""))
    return did_you_mean(unknown[1], context.command.commands) if unknown else None


def _write_options(params: list[Any], formatter: Any) -> None:
    sections: dict[str, list[tuple[str, str]]] = {}
    for param in params:
        if not getattr(param, "hidden", False):
            panel = getattr(param, "rich_help_panel", None)  # before Typer 0.26 --help is click's own, and has none
            title = "Arguments" if param.param_type_name == "argument" else panel or "Options"
            sections.setdefault(title, []).append(_described(param))
    for title in sorted(sections, key=lambda title: (title == "Options", title != "Arguments")):
        with formatter.section(title):
            formatter.write_dl(sections[title])


def _described(param: Any) -> tuple[str, str]:
    if param.param_type_name == "argument":
        return param.metavar or param.name, param.help or ""
    takes = "" if param.is_flag else f" {param.metavar}"
    shown = param.default if param.show_default and not param.is_flag else None
    return ", ".join(sorted(param.opts, key=len)) + takes, (param.help or "") + (f"  [{shown}]" if shown else "")
