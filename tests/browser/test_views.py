"""What a browser keeps: views with a name, the last view of a server's runs, each for its own roots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.served import served
from tests.browser.test_axe import violations
from tests.servers import Server
from tests.trees import NOW, Tree

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Browse = Callable[..., Page]

pytestmark = [pytest.mark.browser]


@pytest.fixture
def server(tree: Tree) -> Iterator[Server]:
    """Two runs, one of which failed."""
    tree.run("a", at=NOW)
    tree.run("b", at=NOW - 10, status="failed")
    with served([tree.root]) as serving:
        serving.until(lambda: len(serving.rows()) == 2)
        yield serving


def where(page: Page) -> str:
    """The hash."""
    return str(page.evaluate("decodeURIComponent(location.hash)"))


def test_a_view_gets_a_name_and_is_found_again_under_it(browse: Browse, server: Server) -> None:
    address = '#v=hparams&f=state == "failed"&o=name'
    page = browse(server, address)
    page.get_by_role("button", name="Views").wait_for()
    page.keyboard.press("s")
    page.keyboard.type("what failed")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog", name="Views").is_hidden()
    page.get_by_label("Filter runs").fill("")
    page.get_by_role("tab", name="Curves").click()
    page.reload()
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="what failed", exact=True).click()
    page.get_by_role("tab", name="Hparams", selected=True).wait_for()
    assert where(page) == address
    assert page.locator(".grid tbody .who").count() == 1
    page.go_back()
    page.get_by_role("tab", name="Curves", selected=True).wait_for()


def test_a_view_is_removed_and_that_is_undone(browse: Browse, server: Server) -> None:
    page = browse(server)
    page.get_by_role("button", name="Views").click()
    for name in ("one", "two", "one"):
        page.get_by_label("Name of this view").fill(name)
        page.keyboard.press("Enter")
    views = page.locator(".view-list .link")
    assert views.all_inner_texts() == ["one", "two"]
    page.get_by_role("button", name="remove the view one").click()
    assert views.all_inner_texts() == ["two"]
    page.locator(".notice").get_by_role("button", name="Undo").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Views").click()
    assert views.all_inner_texts() == ["one", "two"]


def test_a_server_is_shown_as_it_was_left_and_can_be_as_at_first(browse: Browse, server: Server) -> None:
    page = browse(server, "#f=b&o=name")
    bare = page.url.partition("#")[0]
    page.get_by_role("tab", name="Hparams").click()
    page.goto("about:blank")
    page.goto(bare)
    page.get_by_role("tab", name="Hparams", selected=True).wait_for()
    assert where(page) == "#v=hparams&f=b&o=name"
    page.keyboard.press("s")
    page.get_by_role("button", name="As at first").click()
    page.get_by_role("tab", name="Curves", selected=True).wait_for()
    assert where(page) == ""
    page.goto("about:blank")
    page.goto(bare)
    page.get_by_role("tab", name="Curves", selected=True).wait_for()
    assert page.locator(".grid tbody .who").count() == 2


@pytest.mark.parametrize("width", [1400, 400])
def test_axe_finds_nothing_in_the_views(browse: Browse, server: Server, width: int) -> None:
    page = browse(server, width=width, bypass_csp=True)
    page.get_by_role("button", name="Views").wait_for()
    page.keyboard.press("s")
    page.keyboard.type("a view")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="remove the view a view").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_all_runs_stand_short_in_the_address_and_archived_ones_are_none_of_them(browse: Browse, tree: Tree) -> None:
    for number in range(11):
        tree.run(f"r{number:02}", at=NOW - number)
    with served([tree.root]) as server:
        server.until(lambda: len(server.rows()) == 11)
        server.patch({"run_id": "r00", "archived": True})
        page = browse(server)
        page.get_by_text("10 of 11 runs").wait_for()
        page.get_by_role("button", name="All", exact=True).click()
        assert where(page) == "#s=*"
        page.reload()
        page.get_by_text("10 selected").wait_for()
        page.get_by_role("button", name="1 archived").click()
        page.get_by_text("11 runs").wait_for()
        assert page.get_by_text("10 selected").count() == 1
