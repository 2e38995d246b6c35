"""How help pages look, and what is said of a command line that cannot be understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self

import typer
from typer.core import TyperCommand, TyperGroup

from spt_cli.errors import UsageError
from spt_cli.words.text import did_you_mean

# click's UsageError. Typer carries its own click from 0.26 on and does not export the class.
TyperUsageError: type[Exception] = typer.BadParameter.__bases__[0]


class Command(TyperCommand):
    """A command whose help lists the options by subject, the same under every version of Typer."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The arguments and options, `--help` with them."""
        return _as_typed(super().get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes a section for each `rich_help_panel`, those without one last."""
        _write_options(self.get_params(ctx), formatter)


class Group(TyperGroup):
    """The program, whose help lists the commands before the options."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The arguments and options, `--help` with them."""
        return _as_typed(super().get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes the commands, then the options."""
        self.format_commands(ctx, formatter)
        _write_options(self.get_params(ctx), formatter)


def in_our_words(error: Exception, program: str) -> UsageError:
    """What Typer says of wrong usage, as a UsageError: the same words and suggestions under every version of it."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else program
    message = error.format_message().partition(". Did you mean ")[0].rstrip(".")  # type: ignore[attr-defined] # click's
    known: list[str] = []
    word = getattr(error, "option_name", "")
    if context and word and hasattr(error, "possibilities"):  # NoSuchOption; click 8.5 has a NoSuchCommand too
        message = f"no such option {word}"
        known = [name for param in context.command.get_params(context) for name in param.opts]
    elif context and (unknown := re.match("No such command ['\"](.*)['\"]", message)):
        word, known = unknown[1], list(context.command.commands)
        message = f"no such command {word}"
    near = did_you_mean(word, known)
    hints = [hint for hint in (near, f"`{path} --help` shows what there is") if hint]
    return UsageError(message[:1].lower() + message[1:], hint="\n".join(hints))


def _as_typed(params: list[Any]) -> list[Any]:
    """*params*, each of which takes text as it is typed."""
    for param in params:
        take = getattr(param, "get_runtime_param", None)  # before Typer imported pydantic it had none
        if take is not None and hasattr(param, "type_descriptor") and not isinstance(take, _AsTyped):
            param.get_runtime_param = _AsTyped(param.type_descriptor.annotation, take)
    return params


class _AsTyped:
    """Turns what was typed into what a command gets: texts as they are, and nothing into nothing.

    Typer has pydantic do that, whose import takes 70 ms, half of what a command needs to start. It still does the rest.
    """

    def __init__(self, annotation: Any, others: Callable[[], Any]) -> None:
        self._annotation, self._others = annotation, others

    def __call__(self) -> Self:
        """What Typer asks an option for."""
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """*value* as the command gets it."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if self._annotation is str and isinstance(value, str):
            return value
        if self._annotation == list[str] and isinstance(value, (list, tuple)):
            return list(value)
        return self._others().coerce(value, param=param, ctx=ctx)


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
