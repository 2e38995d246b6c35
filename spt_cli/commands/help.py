"""`spt help`: pages of docs/ in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from spt_cli import assets
from spt_cli.commands.output import emit
from spt_cli.errors import UsageError
from spt_cli.text import did_you_mean

TOPICS = {
    "exit-codes": "what each exit code means",
    "where": "how to choose runs with -w and --sort",
    "formats": "what is on disk, and how it is read",
    "environment": "the environment variables that spt reads",
}

Topic = Annotated[
    str | None,
    typer.Argument(
        metavar="TOPIC", show_default=False, help=", ".join(TOPICS) + ".", autocompletion=lambda: list(TOPICS)
    ),
]


def command(context: typer.Context, topic: Topic = None) -> None:
    """Print a page of the manual.

    spt help where
    """
    if topic is None:
        width = max(map(len, TOPICS))
        emit(
            [
                "Pages of the manual, as in `spt help where`:\n\n",
                *(f"  {t:{width}}  {says}\n" for t, says in TOPICS.items()),
            ]
        )
    elif topic in TOPICS:
        emit([page(topic)])
    else:
        raise UsageError(
            f'there is no page "{topic}"', hint=did_you_mean(topic, TOPICS) or f"there are {', '.join(TOPICS)}"
        )


def page(topic: str) -> str:
    """The text of docs/<topic>.md. Raises SptError when the installation lacks it."""
    return (assets.folder("docs") / f"{topic}.md").read_text("utf-8")
