"""What an export is to show: its options, and the forms to which each of them means anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from spt_cli.commands import completion, options
from spt_cli.commands.target import FORMS
from spt_cli.errors import UsageError
from spt_cli.files.caches import cache_folder
from spt_cli.report import Options
from spt_cli.words.sizes import bytes_of

MOST = "20M"  # of a page
_MEDIA, _LINES, _CURVES, _POINTS = "2M", 50, 200, 200
_PAGES = frozenset({"html", "split"})
_REPORTS = _PAGES | {"json", "ndjson"}
_MEANT_BY = {  # the forms in which an option changes anything
    "--points": _REPORTS,
    "--limit": _REPORTS | {"md"},
    "--media": _REPORTS,
    "--logs": _REPORTS | {"md"},
    "--logs-from": _REPORTS | {"md"},
    "--title": _REPORTS | {"md"},
    "--metric": _REPORTS | {"md"},
    "--max-size": _PAGES,
    "--baseline": {"md"},
    "--redact": {*FORMS, "split"},
}


def wanted(form: str, given: Mapping[str, Any], *, stale_after: float) -> Options:
    """The report that *given* options ask for, by their names, None of those that were not given.

    Nothing that a *form* does not show and that costs reading is in it. UsageError for an option that changes nothing.
    """
    for name, value in given.items():
        if value is not None and form not in _MEANT_BY[name]:
            raise UsageError(
                f"{name} says nothing about {form}", hint=f"it is for {', '.join(sorted(_MEANT_BY[name]))}"
            )

    def either(name: str, unless_given: Any, unless_meant: Any) -> Any:
        return unless_meant if form not in _MEANT_BY[name] else unless_given if given[name] is None else given[name]

    return Options(
        title=given["--title"] or "",
        points=either("--points", _POINTS, 2),
        limit=either("--limit", _CURVES, 0),
        metric=given["--metric"],
        logs=either("--logs", _LINES, 0),
        logs_from=tuple(given["--logs-from"] or ()),
        media=bytes_of(either("--media", _MEDIA if form in _PAGES else "0", "0")),
        redact=tuple(given["--redact"] or ()),
        stale_after=stale_after,
        cache=cache_folder("export"),
    )


_WHAT = "What to show"  # section of the help page

Title = Annotated[
    str | None,
    typer.Option("--title", metavar="TEXT", rich_help_panel=_WHAT, help="Instead of the names of the ROOTs."),
]
Metric = Annotated[
    str | None,
    typer.Option(
        "--metric",
        metavar="NAME",
        rich_help_panel=_WHAT,
        help="The metric that runs are judged by; else one is chosen.",
        autocompletion=completion.metrics,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        metavar="N",
        min=0,
        rich_help_panel=_WHAT,
        help=f"Curves of N runs, the best and the newest; {_CURVES} unless given.",
    ),
]
Points = Annotated[
    int | None,
    typer.Option("--points", metavar="N", min=2, rich_help_panel=_WHAT, help=f"Buckets a curve; {_POINTS}."),
]
Media = Annotated[
    str | None,
    typer.Option("--media", metavar="SIZE", rich_help_panel=_WHAT, help=f"Bytes of pictures at most; {_MEDIA}."),
]
Lines = Annotated[
    int | None,
    typer.Option(
        "--logs",
        metavar="LINES",
        min=0,
        rich_help_panel=_WHAT,
        help=f"Last lines of logs of failed, stale and best runs; {_LINES}.",
    ),
]
LogsFrom = Annotated[
    list[str] | None,
    typer.Option(
        "--logs-from",
        metavar="DIR",
        rich_help_panel=_WHAT,
        help="Also logs that lie in DIR; may be repeated.",
        callback=options.folders,
    ),
]
Redact = Annotated[
    list[str] | None,
    typer.Option(
        "--redact", metavar="GLOB", rich_help_panel=_WHAT, help="Leave these hparams and metrics out; repeatable."
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="RUN",
        rich_help_panel=_WHAT,
        help="md: the run that others are compared with, instead of the best.",
        autocompletion=completion.runs,
    ),
]
MaxSize = Annotated[
    str | None,
    typer.Option(
        "--max-size",
        metavar="SIZE",
        rich_help_panel=_WHAT,
        help=f"Of a page; pictures give way, then logs, then curves. {MOST}.",
    ),
]
