"""Logs in the page of a server: their ends at once, what they gain as it comes, and nothing moves that is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.served import served
from tests.browser.test_axe import violations
from tests.servers import Server
from tests.trees import Tree

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Browse

pytestmark = [pytest.mark.browser]

ALIVE = 2_000_000_000.0  # a heartbeat that is never old
TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 7, in <module>\nValueError: no such width\n'
SHOWN = ".log-line > span:last-child"
PLACE = """query => {
  const [line, log] = [query, ".log-lines"].map(one => document.querySelector(one).getBoundingClientRect());
  return line.top > log.top && line.bottom < log.top + 200;
}"""  # it is among the first lines that are seen


@pytest.fixture
def server(tree: Tree) -> Iterator[Server]:
    """A run that goes on, with a log of 300 lines; one that failed; one without logs."""
    tree.run("going", status="running", heartbeat=ALIVE)
    tree.write("going/train.log", "".join(f"line {number}\n" for number in range(300)))
    tree.run("failed", status="failed")
    tree.write("failed/train.log", "\x1b[31mred\x1b[0m plain\n" + TRACEBACK)
    tree.run("silent")
    with served([tree.root]) as serving:
        serving.until(lambda: len(serving.rows()) == 3)
        yield serving


def grow(server: Server, text: str | bytes, name: str = "going/train.log") -> None:
    """Appends to a log as a trainer does."""
    with Path(server.tree.root, name).open("ab") as file:
        file.write(text.encode() if isinstance(text, str) else text)


def wait(page: Page, text: str) -> None:
    """Until the last line is *text*."""
    page.wait_for_function(
        "text => [...document.querySelectorAll('.log-line > span:last-child')].at(-1)?.textContent === text", arg=text
    )


def top(page: Page) -> float:
    """Where the log is scrolled to."""
    found: float = page.locator(".log-lines").evaluate("element => element.scrollTop")
    return found


def scroll(page: Page, to: int) -> None:
    """Scrolls the log."""
    page.locator(".log-lines").evaluate("(element, to) => { element.scrollTop = to; }", to)
    page.get_by_role("button", name="To the end").wait_for()


def at_end(page: Page) -> bool:
    """Whether the end of the log can be seen."""
    found: bool = page.locator(".log-lines").evaluate(
        "element => element.scrollHeight - element.scrollTop - element.clientHeight < 30"
    )
    return found


def test_a_failed_run_comes_first_with_its_traceback(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs")
    wait(page, "ValueError: no such width")
    assert page.get_by_label("Run", exact=True).locator("option").first.inner_text() == "✗ failed  failed"
    page.locator(".in-traceback").first.wait_for()
    assert page.locator(".in-traceback").all_inner_texts()[0].endswith("Traceback (most recent call last):")
    assert page.locator(".log-line").first.inner_text().endswith("red plain")
    assert page.locator(".log-line .ansi-red").inner_text() == "red"
    assert page.get_by_role("button", name="Jump to traceback").is_visible()


def test_the_log_is_that_of_the_run_whose_details_were_looked_at(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=run&r=going")
    page.get_by_role("heading", name="going").wait_for()
    page.keyboard.press("6")
    wait(page, "line 299")


def test_what_a_log_gains_is_shown_at_its_end(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    assert at_end(page)
    grow(server, "one more\n")
    wait(page, "one more")
    assert at_end(page)
    assert page.locator(".log-line").count() == 301


def test_a_progress_bar_is_one_line_that_changes(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    for state in ("10%", "\r\x1b[32m20%\x1b[0m", "\r30%\x1b]0;title\x07"):
        grow(server, state)
        wait(page, state[-3:] if "%" in state[-1:] else "20%" if "20" in state else "30%")
    assert page.locator(".log-line").count() == 301
    grow(server, "\nnext\n")
    wait(page, "next")
    assert page.locator(SHOWN).nth(300).inner_text() == "30%"


def test_who_reads_further_up_stays_there_and_is_told(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    scroll(page, 900)
    before = top(page)
    grow(server, "a\nb\n")
    page.get_by_role("button", name="To the end, 2 new lines").wait_for()
    assert top(page) == before
    page.get_by_role("button", name="To the end").click()
    assert at_end(page)
    assert page.get_by_role("button", name="To the end").is_hidden()


def test_a_search_and_a_selection_of_text_stay(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    page.get_by_label("Search this log").fill("line 15")
    assert page.get_by_text("1 of 11 lines").is_visible()
    page.get_by_label("Search this log").press("Enter")
    assert page.get_by_text("2 of 11 lines").is_visible()
    page.locator(SHOWN).nth(150).select_text()
    chosen = page.evaluate("getSelection().toString()")
    before = top(page)
    grow(server, "line 1500\n")
    page.get_by_text("2 of 12 lines").wait_for()
    assert (page.evaluate("getSelection().toString()"), top(page)) == (chosen, before)
    assert page.locator(".log-line.current").inner_text().endswith("line 150")
    assert page.locator(".log-line.hit").count() == 12


def test_a_hit_and_a_traceback_are_scrolled_to(server: Server, browse: Browse) -> None:
    grow(server, TRACEBACK + "\n" + "after\n" * 500)
    page = browse(server, "#v=logs&lg=going,,line+210")
    page.goto(page.url.replace("+", "%20"))
    page.locator(".log-line.current").wait_for()
    page.wait_for_function(f"() => ({PLACE})('.log-line.current')")
    page.get_by_role("button", name="Jump to traceback").click()
    page.wait_for_function(f"() => ({PLACE})('.log-line.in-traceback')")


@pytest.mark.parametrize("how", ["cut", "replaced"])
def test_a_log_that_begins_anew_is_shown_anew(server: Server, browse: Browse, how: str) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    path = server.tree.root / "going" / "train.log"
    if how == "replaced":
        path.unlink()
    path.write_text("second attempt\n")
    wait(page, "second attempt")
    assert page.locator(".log-line").count() == 1


def test_a_traceback_that_comes_is_marked(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    assert page.get_by_role("button", name="Jump to traceback").is_hidden()
    first, _, rest = TRACEBACK.partition("\n")
    grow(server, first + "\n")
    wait(page, first)
    grow(server, rest + "\nafter it\n")
    page.get_by_role("button", name="Jump to traceback").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.in-traceback').length === 3")
    assert page.locator(".log-line.in-traceback").first.inner_text().endswith(first)


def test_of_four_gigabytes_the_end_is_fetched_and_more_on_demand(server: Server, browse: Browse) -> None:
    with Path(server.tree.root, "going", "train.log").open("r+b") as file:
        file.seek(4 << 30)  # of which nothing is on the disk
        file.write(b"".join(b"\nnumber %d" % number for number in range(100_000)) + b"\n")
    page = browse(server, "#v=logs&lg=going")
    wait(page, "number 99999")
    count = page.locator(".log-line").count()
    assert 20_000 <= count < 20_100  # of the last 512 kB
    assert page.get_by_text("before them are above").is_visible()
    scroll(page, 0)
    first = page.locator(SHOWN).first.inner_text()
    page.get_by_role("button", name="Earlier lines").click()
    page.wait_for_function("count => document.querySelectorAll('.log-line').length > count", arg=count)
    number = int(first.split()[1])
    texts = page.evaluate("[...document.querySelectorAll('.log-line > span:last-child')].map(line => line.textContent)")
    assert texts[texts.index(first) - 1] == f"number {number - 1}"
    assert top(page) > 0  # what was seen is still seen


def test_a_line_of_megabytes_and_bytes_that_are_no_text(server: Server, browse: Browse) -> None:
    server.tree.write("going/train.log", bytes(range(256)) * 40 + b"\n" + b"x" * 300_000 + b"\nend\n")
    page = browse(server, "#v=logs&lg=going")
    wait(page, "end")
    before = page.locator(SHOWN).all_inner_texts()[-2]
    assert before.startswith("xxxx")
    assert "bytes left out" in before
    assert len(before) < 5_000


def test_ranks_are_chosen_apart_and_keep_the_kind(server: Server, browse: Browse) -> None:
    for rank in range(3):
        for kind in ("out", "err"):
            server.tree.write(f"ranked/0_{rank}_log.{kind}", f"{kind} of {rank}\n")
    server.run("ranked", status="running", heartbeat=ALIVE, hparams={"output_dir": "x"})
    page = browse(server, "#v=logs&lg=ranked")
    wait(page, "out of 0")
    page.get_by_role("combobox", name="Log").select_option(label="rank 0 .err, 9 B")
    wait(page, "err of 0")
    page.get_by_role("combobox", name="Rank").select_option("2")
    wait(page, "err of 2")
    assert page.get_by_role("combobox", name="Log").locator("option").count() == 2


def test_a_run_that_is_gone_keeps_what_was_read_and_says_so(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=failed")
    wait(page, "ValueError: no such width")
    for path in sorted((server.tree.root / "failed").iterdir()):
        path.unlink()
    (server.tree.root / "failed").rmdir()
    page.get_by_text("All 4 lines. Not read on: its run is gone.").wait_for()
    assert page.locator(".log-line").count() == 4


def test_logs_that_come_later_are_shown(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=silent")
    page.get_by_text("This run has no logs where spt looks for them").wait_for()
    server.tree.write("silent/train.log", "at last\n")
    server.tree.write(
        "silent/sidecar.json", json.dumps({"run_id": "silent", "status": "running", "notes": "on"}), at=ALIVE
    )
    wait(page, "at last")


def test_a_list_that_somebody_chooses_from_stays_as_it_is(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    runs = page.get_by_role("combobox", name="Run")
    runs.focus()
    server.run("another", status="running", heartbeat=ALIVE)
    page.get_by_text("4 runs").first.wait_for()
    grow(server, "x" * 9_000 + "\n")
    server.tree.run("going", status="running", heartbeat=ALIVE, notes="on", at=ALIVE)
    size = "() => document.querySelector('select[aria-label=Log]').textContent === 'train.log, 12 kB'"
    page.wait_for_function(size)  # which is written after the list of runs, a few seconds after news of the run
    assert runs.locator("option").count() == 3
    page.get_by_label("Search this log").focus()
    server.tree.run("going", status="running", heartbeat=ALIVE, notes="and on", at=ALIVE + 1)
    page.wait_for_function("() => document.querySelector('[aria-label=Run]').options.length === 4")


def test_nobody_reads_a_log_that_is_not_looked_at(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    page.get_by_role("tab", name="Run").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "log-content" in request.url else None)
    grow(server, "while nobody looks\n")
    server.run("another")
    page.get_by_text("4 runs").first.wait_for()
    assert asked == []
    page.get_by_role("tab", name="Logs").click()
    wait(page, "while nobody looks")


def test_the_server_away_and_back(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    page.route("**/api/log-content*", lambda route: route.abort())
    page.get_by_text("Not read on: the server does not answer.").wait_for()
    assert page.locator(".log-line").count() == 300
    page.unroute("**/api/log-content*")
    grow(server, "back\n")
    wait(page, "back")
    assert page.get_by_text("Not read on").is_hidden()


def test_the_view_of_a_failed_run_says_why_and_leads_to_the_log(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=run&r=failed")
    page.get_by_role("heading", name="Why it failed").wait_for()
    assert page.get_by_role("region", name="Traceback").inner_text() == TRACEBACK.strip()
    page.get_by_role("button", name="train.log").click()
    wait(page, "ValueError: no such width")
    assert page.url.endswith("lg=failed,train.log")
    page.goto(page.url.partition("#")[0] + "#v=run&r=going")
    page.get_by_role("button", name="train.log").wait_for()
    assert page.get_by_role("heading", name="Why it failed").is_hidden()


def test_what_is_written_faster_than_it_is_read_does_not_move_who_reads_further_up(
    server: Server, browse: Browse
) -> None:
    page = browse(server, "#v=logs&lg=going")
    wait(page, "line 299")
    scroll(page, 900)
    before = top(page)
    grow(server, "".join(f"much {number:090}\n" for number in range(60_000)))  # 5.8 MB, which one answer does not hold
    page.get_by_role("button", name=re.compile(r"To the end, 4\d,\d+ new lines")).wait_for()
    assert (top(page), page.locator(SHOWN).first.inner_text()) == (before, "line 0")
    page.get_by_role("button", name="To the end").click()
    grow(server, "the last\n")
    wait(page, "the last")
    assert page.locator(".log-line").count() <= 20_100


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(server: Server, browse: Browse, *, dark: bool) -> None:
    page = browse(server, "#v=logs&lg=failed", dark=dark, bypass_csp=True)
    page.locator(".in-traceback").first.wait_for()
    page.get_by_label("Search this log").fill("e")
    assert violations(page) == []
