"""The newest Forest within the event loop: who waits for one, and what is said when there will be none any more."""

from __future__ import annotations

import asyncio
import logging

import pytest

from spt_cli.server.feed import Feed
from spt_cli.tree.live import Live
from spt_cli.tree.roots import resolve
from tests.servers import LONG
from tests.trees import Tree


def test_who_waits_for_a_forest_gets_it_when_it_comes(tree: Tree) -> None:
    tree.run("r")
    roots, _ = resolve([str(tree.root)])

    async def wait(live: Live) -> bool:
        feed = Feed(live)
        feed.start()
        return await feed.until(lambda forest: "r" in forest.runs, LONG)

    with Live(roots, interval=LONG) as live:
        assert asyncio.run(wait(live)) is True


def test_who_waits_for_what_does_not_come_is_told_so(tree: Tree) -> None:
    roots, _ = resolve([str(tree.root)])
    assert asyncio.run(Feed(Live(roots)).until(lambda forest: bool(forest.runs), 0.01)) is False


def test_a_mistake_of_ours_that_ends_the_looking_is_raised_and_told(
    tree: Tree, caplog: pytest.LogCaptureFixture
) -> None:
    """Else pages would show for ever what was there once."""
    roots, _ = resolve([str(tree.root)])

    async def wait(live: Live) -> None:
        feed = Feed(live)
        feed.start()
        await feed.until(lambda _: False, LONG)

    with Live(roots, interval="soon") as live, pytest.raises(RuntimeError, match="not looked at any more") as raised:  # type: ignore[arg-type]
        asyncio.run(wait(live))
    assert isinstance(raised.value.__cause__, TypeError)
    assert [(record.levelno, record.exc_info is not None) for record in caplog.records] == [(logging.ERROR, True)]
