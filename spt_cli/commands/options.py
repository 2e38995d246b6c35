"""Options that several commands share: one spelling, one help text, one check."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

from typer import Argument, CallbackParam, Option

from spt_cli.choice.names import listed
from spt_cli.commands import completion
from spt_cli.errors import SptError, UsageError
from spt_cli.render.runs import View
from spt_cli.render.terminal import detect
from spt_cli.words.text import did_you_mean

CHOICE, OUTPUT = "Which runs", "Output"  # sections of a help page


def one_of(*words: str) -> Callable[[CallbackParam, str | None], str | None]:
    """A check for Typer: the value is one of *words* or was not given; else a UsageError that names the nearest."""

    def check(param: CallbackParam, value: str | None) -> str | None:
        if value is None or value in words:
            return value
        hint = did_you_mean(value, words) or f"it can be {', '.join(words)}"
        raise UsageError(f"{max(param.opts, key=len)} cannot be {value}", hint=hint)

    return check


def output(*forms: str) -> Any:
    """The option -o for the output forms that make sense for a command."""
    return Option(
        "-o",
        "--output",
        metavar="FORM",
        rich_help_panel=OUTPUT,
        help=f"{', '.join(forms)}.",
        callback=one_of(*forms),
        autocompletion=lambda: list(forms),
    )


def form(chosen: str | None, as_json: bool, default: str = "table") -> str:
    """The output form that -o and --json ask for together. UsageError when they ask for different ones."""
    if as_json and chosen not in (None, "json"):
        raise UsageError(f"--json and -o {chosen} ask for two different things")
    return "json" if as_json else chosen or default


def folders(param: CallbackParam, typed: list[str] | None) -> list[str]:
    """The folders that an option named, absolute and resolved: a check for Typer. SptError when one is none."""
    found = []
    for each in typed or ():
        path = os.path.realpath(os.path.expanduser(each))  # noqa: PTH111 - Path raises where there is no home
        if not os.path.isdir(path):
            raise SptError(f"{param.opts[0]}: no such folder: {each}")
        found.append(path)
    return found


def columns(typed: str | None) -> list[str]:
    """The names that -c was given, none by default. UsageError for an empty one."""
    names = [] if typed is None else listed(typed)
    if "" in names:
        raise UsageError(f"cannot show {typed or 'nothing'}", hint="names, with commas between: state,width,val/acc")
    return names


def view(color: str = "auto", *, utc: bool = False) -> View:
    """What stdout is, and the clock of this command."""
    return View(detect(sys.stdout, os.environ, color), time.time(), utc)


Roots = Annotated[
    list[str] | None,
    Argument(
        metavar="ROOT", show_default=False, help="Folders; else $SPT_ROOT, $SPT_CACHE_DIR/runs or the current one."
    ),
]
Runs = Annotated[
    list[str] | None,
    Argument(
        metavar="RUN",
        show_default=False,
        help="A folder, an id or the beginning of one, @latest, @best:METRIC, or - for ids from stdin.",
        autocompletion=completion.runs,
    ),
]
RunRoots = Annotated[
    list[str] | None,
    Option("--root", metavar="DIR", rich_help_panel=CHOICE, help="Where to look for RUN; may be repeated."),
]
Where = Annotated[
    str | None,
    Option(
        "-w",
        "--where",
        metavar="EXPR",
        rich_help_panel=CHOICE,
        help="Only runs like this: 'val/acc > 0.7 and width >= 64'.",
    ),
]
States = Annotated[
    list[str] | None,
    Option(
        "--state",
        metavar="STATE",
        rich_help_panel=CHOICE,
        help="Only runs in this state.",
        autocompletion=completion.states,
    ),
]
Tags = Annotated[
    list[str] | None,
    Option(
        "--tag", metavar="TAG", rich_help_panel=CHOICE, help="Only runs with this tag.", autocompletion=completion.tags
    ),
]
Alive = Annotated[bool, Option("--alive", rich_help_panel=CHOICE, help="Only runs with a fresh heartbeat.")]
Since = Annotated[
    str | None,
    Option("--since", metavar="WHEN", rich_help_panel=CHOICE, help="Created since then: 2d, 3h, 2026-11-20."),
]
Before = Annotated[str | None, Option("--before", metavar="WHEN", rich_help_panel=CHOICE, help="Created before then.")]
Archived = Annotated[bool, Option("--archived", rich_help_panel=CHOICE, help="Archived runs too.")]
Sort = Annotated[
    str | None,
    Option(
        "--sort",
        metavar="KEYS",
        rich_help_panel=CHOICE,
        help="Order: -val/acc,created; - is descending.",
        autocompletion=completion.names,
    ),
]
Columns = Annotated[
    str | None,
    Option(
        "-c",
        "--columns",
        metavar="NAMES",
        rich_help_panel=OUTPUT,
        help="The columns, as in state,width,val/acc.",
        autocompletion=completion.names,
    ),
]
Limit = Annotated[
    int | None, Option("-n", "--limit", metavar="N", min=0, rich_help_panel=CHOICE, help="At most this many runs.")
]
AsJson = Annotated[bool, Option("--json", rich_help_panel=OUTPUT, help="The same as -o json.")]
Null = Annotated[
    bool, Option("-0", "--null", rich_help_panel=OUTPUT, help="Names end with a NUL byte, as for xargs -0.")
]
NullIn = Annotated[
    bool,
    Option("-0", "--null", rich_help_panel=CHOICE, help="Ids on stdin, and names in the output, end with a NUL byte."),
]
StaleAfter = Annotated[
    str,
    Option(
        "--stale-after",
        metavar="TIME",
        rich_help_panel=CHOICE,
        help="A live run is stale when its heartbeat is older.",
    ),
]
Color = Annotated[
    str,
    Option(
        "--color",
        metavar="WHEN",
        rich_help_panel=OUTPUT,
        help="auto, always or never.",
        callback=one_of("auto", "always", "never"),
        autocompletion=lambda: ["auto", "always", "never"],
    ),
]
Utc = Annotated[bool, Option("--utc", rich_help_panel=OUTPUT, help="Times in UTC instead of the local zone.")]
Quiet = Annotated[bool, Option("-q", "--quiet", help="Say nothing but errors.")]
Strict = Annotated[bool, Option("--strict", help="Exit with 3 when something could not be read.")]
Debug = Annotated[bool, Option("--debug", help="Show tracebacks of errors.")]
