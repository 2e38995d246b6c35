"""The overview: what it counts, and that what it shows are filters, found again in the address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.exports import exported
from tests.browser.served import served
from tests.browser.test_axe import violations
from tests.trees import NOW, Tree

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    Visit = Callable[..., Page]
    Browse = Callable[..., Page]

pytestmark = pytest.mark.browser

DAY = 86400.0


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve runs, one a day: three seeds in each of four folders. Two failed, one fell silent."""
    tree = Tree(tmp_path_factory.mktemp("sweep") / "runs")
    for number in range(12):
        tree.run(
            f"exp.1/w{number % 4}/s{number // 4}",
            at=NOW - number * DAY,
            status={3: "failed", 6: "running", 10: "failed"}.get(number, "completed"),
            ended_at=None if number == 6 else NOW - number * DAY + 100,
            summary={"val/acc": number / 100},
            tags=[tag for tag in ("baseline", 'the "odd" one') if number % 3 == 0 or tag == "baseline"],
        )
    tree.write("exp.1/w3/s0/train.log", TRACEBACK)
    return exported(tree.root, tmp_path_factory.mktemp("page"))


TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\nValueError: no such width\n'


def section(page: Page, title: str) -> Locator:
    """A part of the overview."""
    return page.locator(".overview .part", has=page.get_by_role("heading", name=title, exact=True))


def texts(found: Locator) -> list[str]:
    """What the elements say, in one line each."""
    return [" ".join(text.split()) for text in found.all_inner_texts()]


def where(page: Page) -> str:
    """The hash without what all these tests have in it."""
    return str(page.evaluate("decodeURIComponent(location.hash)")).replace("#v=overview", "").removeprefix("&")


def shown(page: Page) -> int:
    """How many runs the table has."""
    return page.locator(".grid tbody .who").count()


def test_states_are_counted_and_one_of_them_can_be_chosen(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=overview")
    states = section(page, "States").get_by_role("button")
    assert texts(states) == ["✗ failed 2", "◌ stale 1", "✓ completed 9"]
    states.first.click()
    assert where(page) == 'f=state == "failed"'
    assert texts(states) == ["✗ failed 2", "◌ stale 1", "✓ completed 9"]
    assert states.first.get_attribute("aria-pressed") == "true"
    states.nth(1).click()
    assert (where(page), shown(page)) == ('f=state == "stale"', 1)
    states.nth(1).click()
    assert (where(page), shown(page)) == ("", 12)


def test_conditions_add_up_and_are_taken_out_one_by_one(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=overview&f=val/acc%20%3E%200.02%20or%20alive")
    section(page, "Tags").get_by_role("button", name="odd").click()
    section(page, "States").get_by_role("button", name="failed").click()
    assert where(page) == 'f=(val/acc > 0.02 or alive) and "the \\"odd\\" one" in tags and state == "failed"'
    assert shown(page) == 1
    chips = page.get_by_label("The filter's conditions").get_by_role("button")
    assert chips.count() == 3
    chips.nth(1).click()
    assert where(page) == 'f=(val/acc > 0.02 or alive) and state == "failed"'
    page.reload()
    assert shown(page) == 2


def test_a_column_for_each_day_chooses_the_runs_that_began_on_it(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=overview", timezone_id="UTC")
    columns = section(page, "Activity").locator(".activity button")
    assert columns.count() == 30
    assert columns.last.get_attribute("aria-label") == "2027-01-15: 1 run: 1 completed"
    assert columns.nth(29 - 3).get_attribute("aria-label") == "2027-01-12: 1 run: 1 failed"
    assert columns.first.is_disabled()
    columns.nth(29 - 3).click()
    assert where(page) == 'f="2027-01-12" <= created < "2027-01-13"'
    assert shown(page) == 1
    section(page, "Activity").get_by_role("combobox").select_option("hour")
    assert where(page) == 'f="2027-01-12" <= created < "2027-01-13"&pd=hour'
    columns.nth(47).click()
    assert (where(page), shown(page)) == ('f="2027-01-15 07:00" <= created < "2027-01-15 08:00"&pd=hour', 1)
    columns.nth(47).click()
    section(page, "Activity").get_by_role("combobox").select_option("month")
    assert columns.count() == 24
    assert columns.last.get_attribute("aria-label") == "2027-01: 12 runs: 2 failed, 1 stale, 9 completed"


def test_the_columns_are_one_stop_of_the_keyboard(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=overview", timezone_id="UTC")
    section(page, "Activity").get_by_role("combobox").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".activity-said").inner_text() == "2027-01-13: 1 run: 1 completed"
    page.keyboard.press("Enter")
    assert shown(page) == 1
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.activity')") is None


def test_folders_are_gone_into_and_left_again(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=overview")
    folders = section(page, "Folders")
    rows = folders.locator("tbody tr")
    assert texts(rows)[0].startswith("w0/ 3 0.08")
    assert texts(folders.get_by_role("button")) == ["all", "exp.1", "w0/", "w1/", "w2/", "w3/"]
    assert folders.get_by_role("img").nth(2).get_attribute("aria-label") == "3 runs: 1 failed, 1 stale, 1 completed"
    folders.get_by_role("button", name="w1/").click()
    assert where(page) == 'f=run_id.matches("^exp\\\\.1/w1/")'
    assert shown(page) == 3
    assert folders.get_by_role("button", name="w1").get_attribute("aria-current") == "true"
    folders.get_by_role("button", name="all").click()
    assert (where(page), shown(page)) == ("", 12)


def test_the_newest_failures_lead_to_the_run_and_to_its_log(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=overview")
    failures = section(page, "Newest failures").locator("li")
    assert [text.split()[2] for text in texts(failures)] == ["w3/s0", "w2/s1", "w2/s2"]
    page.locator(".cause", has_text="ValueError: no such width").wait_for()
    assert page.locator(".cause:visible").all_inner_texts() == ["ValueError: no such width"]
    failures.first.get_by_role("button", name="w3/s0", exact=True).click()
    assert page.locator(".title-line h2").inner_text() == "w3/s0"
    page.go_back()
    failures.nth(1).get_by_role("button", name="log").click()
    assert page.get_by_role("tab", selected=True).inner_text() == "Logs"


def test_a_filter_that_chooses_nothing_still_shows_what_to_take_out(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=overview&f=val/acc%20%3E%203")
    assert page.locator(".overview-summary").inner_text() == "No run is like that."
    page.get_by_label("The filter's conditions").get_by_role("button").click()
    assert shown(page) == 12


def test_counts_follow_the_runs_of_a_server_and_the_focus_stays(browse: Browse, tree: Tree) -> None:
    tree.run("sweep/a", at=NOW, tags=["baseline"])
    tree.run("other/b", at=NOW, status="failed")
    tree.write("other/b/train.log", TRACEBACK)
    with served([tree.root]) as server:
        server.until(lambda: len(server.rows()) == 2)
        page = browse(server, "#v=overview")
        tag = section(page, "Tags").get_by_role("button", name="baseline")
        tag.focus()
        page.locator(".cause", has_text="ValueError: no such width").wait_for()
        server.run("sweep/c", at=NOW, status="failed", tags=["baseline", "first"])
        page.locator(".state-list .number", has_text="2").wait_for()
        assert texts(section(page, "Tags").get_by_role("button")) == ["baseline 2", "first 1"]
        assert page.evaluate("document.activeElement.textContent") == "baseline 2"
        server.patch({"run_id": "other/b", "archived": True})
        page.locator(".overview-summary", has_text="2 runs").wait_for()
        assert texts(section(page, "States").get_by_role("button")) == ["✗ failed 1", "✓ completed 1"]


@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_the_overview(visit: Visit, sweep: Path, *, dark: bool, width: int) -> None:
    page = visit(sweep, "#v=overview&f=exp%20and%20baseline", dark=dark, width=width, bypass_csp=True)
    page.locator(".overview").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
