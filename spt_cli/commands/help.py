"""`spt help`: pages of docs/ in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from spt_cli import assets
from spt_cli.commands.output import emit
from spt_cli.errors import UsageError
from spt_cli.words.text import did_you_mean

TOPICS = {
    "exit-codes": "what each exit code means",
    "where": "how to choose and sort runs with -w and --sort",
    "formats": "what is on disk, and how it is read",
    "serve": "the live page: login nodes, proxies, who can see it",
    "http-api": "what spt serve answers",
    "environment": "the environment variables that spt reads",
}
_NAMES = ", ".join(TOPICS)

Topic = Annotated[
    str | None,
    typer.Argument(metavar="PAGE", show_default=False, help=f"{_NAMES}.", autocompletion=lambda: list(TOPICS)),
]


def command(topic: Topic = None) -> None:
    """Print a page of the manual.

    spt help where
    """
    if topic is None:
        width = max(map(len, TOPICS))
        emit(f"spt help {name:{width}}  {says}\n" for name, says in TOPICS.items())
    elif topic in TOPICS:
        emit([(assets.folder("docs") / f"{topic}.md").read_text("utf-8")])
    else:
        raise UsageError(f"no page {topic}", hint=did_you_mean(topic, TOPICS) or f"there are {_NAMES}")
