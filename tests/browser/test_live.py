"""The page of a server: what happens to the runs is shown, and nothing that a person does is disturbed by it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.served import served
from tests.browser.test_axe import violations
from tests.servers import Server, spt_serve
from tests.shell import PROGRAM, environment
from tests.trees import NOW, Tree

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

    Look = Callable[..., Page]

pytestmark = pytest.mark.browser

FUTURE = 2_000_000_000.0  # of heartbeats: whoever looks finds them fresh
STEPS = 1000
UNREACHED = "net::ERR_"  # what Chromium logs of each request that a killed server does not answer


def rows(first: int, last: int, seed: int = 0) -> str:
    """Lines of metrics.csv, of steps from *first* to *last*."""
    return "".join(f"{step},{(step % 97) / 97 + seed:.6g},{step / 1000 + seed:.6g}\n" for step in range(first, last))


def build(tree: Tree) -> None:
    """Three runs that go on, and one that has ended."""
    for seed, name in enumerate(("a", "b", "c")):
        tree.run(f"sweep/{name}", status="running", heartbeat=FUTURE, hparams={"seed": seed}, summary={"val/acc": seed})
        tree.write(f"sweep/{name}/metrics.csv", "step,train/loss,val/acc\n" + rows(0, STEPS, seed))
    tree.run("done", hparams={"seed": 9}, summary={"val/acc": -1}, at=NOW - 5000)
    tree.write("done/metrics.csv", "step,train/loss,val/acc\n" + rows(0, 10))


def append(tree: Tree, name: str, text: str) -> None:
    """More lines of a run's metrics.csv."""
    with open(tree.root / name / "metrics.csv", "a", encoding="ascii") as file:
        file.write(text)


@pytest.fixture
def server(tree: Tree) -> Iterator[Server]:
    build(tree)
    with served([tree.root]) as serving:
        serving.until(lambda: len(serving.rows()) == 4)
        yield serving


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1400, "height": 900})
    yield made
    made.close()


@pytest.fixture
def look(context: BrowserContext) -> Iterator[Look]:
    """What opens the page of a server and waits until it is live. In the end no page may have logged an error."""
    wrong: list[str] = []

    def opened(server: Server, where: str = "", *, wait: bool = True) -> Page:
        page = context.new_page()
        own = f"http://127.0.0.1:{server.port}/"
        page.on("console", lambda told: wrong.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith((own, "data:", "blob:")) else wrong.append(asked.url)
        )
        page.goto(own + where)
        if wait:
            status(page, "live")
        return page

    yield opened
    assert [text for text in wrong if UNREACHED not in text] == []


def status(page: Page, wanted: str) -> None:
    """Waits until the page says that it is *wanted*."""
    page.locator(f'.liveness[data-status="{wanted}"]').wait_for()


def names(page: Page) -> list[str]:
    found: list[str] = page.locator(".grid tbody .who").all_inner_texts()
    return [name.strip() for name in found]


def until(page: Page, script: str, arg: Any = None) -> None:
    """Waits until *script* is true. Playwright's own way of waiting evaluates, which the page's policy forbids."""
    for _ in range(400):
        if page.evaluate(script, arg):
            return
        page.wait_for_timeout(50)
    raise AssertionError(script)


def runs_are(page: Page, wanted: list[str]) -> None:
    """Waits until these runs are in the table, in this order."""
    expect(page.locator(".grid tbody .who")).to_have_text(wanted, timeout=20_000)


def card_note(page: Page, metric: str) -> str:
    return page.locator(f'.curve-card[aria-label="{metric}"] .curve-note').inner_text()


def state(page: Page, name: str) -> str:
    """The state of a run, as the table has it."""
    return page.locator(".grid tbody tr", has_text=name).locator(".state").inner_text()


def test_runs_and_their_curves_are_there(server: Server, look: Look) -> None:
    page = look(server)
    assert names(page) == ["c", "b", "a", "done"]
    page.locator('.curve-card[aria-label="val/acc"] canvas').first.wait_for()
    until(page, "document.querySelector('.curve-card .curve-note').textContent.includes('3,010 points')")
    assert card_note(page, "val/acc").startswith("means of 125 buckets of 8 steps, 3,010 points")


def test_new_points_are_drawn_and_zoom_scroll_focus_and_typed_text_stay(server: Server, look: Look) -> None:
    page = look(server, "#z=x:900:1200")
    card = page.locator('.curve-card[aria-label="train/loss"]')
    card.scroll_into_view_if_needed()
    card.locator("canvas").first.wait_for()
    card.locator("details summary").click()
    page.locator("#view").evaluate("element => element.scrollTop = 40")
    page.get_by_label("Filter runs").focus()
    page.keyboard.type("sw")
    before = page.evaluate("document.querySelector('.curve-card[aria-label=\"train/loss\"] canvas').toDataURL()")
    scroll = page.locator("#view").evaluate("element => element.scrollTop")
    append(server.tree, "sweep/a", rows(STEPS, STEPS + 150))
    drawn = "before => document.querySelector('.curve-card[aria-label=\"train/loss\"] canvas').toDataURL() !== before"
    until(page, drawn, before)
    page.keyboard.type("ee")
    assert page.get_by_label("Filter runs").input_value() == "swee"
    assert page.locator("#view").evaluate("element => element.scrollTop") == scroll
    assert card.locator("details").get_attribute("open") == ""
    assert "z=x:900:1200" in page.url


@pytest.mark.parametrize("zoom", ["", "#z=x:900:1200"], ids=["whole", "zoomed"])
def test_of_a_run_that_goes_on_only_its_end_is_asked_for(server: Server, look: Look, zoom: str) -> None:
    """Also where a chart is zoomed, and of metrics that only other runs have."""
    server.tree.run("sweep/bare", status="running", heartbeat=FUTURE)
    page = look(server, zoom)
    canvas = page.locator('.curve-card[aria-label="train/loss"] canvas').first
    canvas.wait_for()
    drawn = "document.querySelector('.curve-card[aria-label=\"train/loss\"] canvas').toDataURL()"
    before, asked = page.evaluate(drawn), list[str]()
    page.on("request", lambda request: asked.append(request.url) if "/api/curves" in request.url else None)
    append(server.tree, "sweep/a", rows(STEPS, STEPS + 20))
    until(page, f"before => {drawn} !== before", before)
    assert asked
    assert [url for url in asked if "after=" not in url or url.count("run_id=") != 1] == []


def test_a_page_that_followed_is_as_one_that_is_opened_now(server: Server, look: Look) -> None:
    """Lines in the same places, rows of the same cells: of curves that grew within their buckets and beyond them."""
    page = look(server)
    for _ in range(6):
        for name in ("a", "c"):
            lines = (server.tree.root / "sweep" / name / "metrics.csv").read_text().count("\n") - 1
            append(server.tree, f"sweep/{name}", rows(lines, lines + 90))
        with page.expect_response(lambda answer: "/api/curves" in answer.url and "after=" in answer.url):
            pass
    settled = "points => document.querySelector('.curve-card .curve-note').textContent.includes(points)"
    until(page, settled, "4,090 points")
    fresh = look(server)
    until(fresh, settled, "4,090 points")
    assert shown(page) == shown(fresh)


def shown(page: Page) -> dict[str, Any]:
    """All that the page tells: rows, the points of a chart, and how they are drawn."""
    page.mouse.move(700, 5)
    drawn = page.locator('.curve-card[aria-label="val/acc"] .u-wrap canvas').first.evaluate(
        "canvas => canvas.toDataURL()"
    )
    table = page.locator('.curve-card[aria-label="val/acc"]')
    table.get_by_role("button", name="table of").click()
    return {
        "drawn": drawn,
        "rows": page.locator(".grid tbody").inner_text(),
        "points": table.locator(".curve-points").inner_text(),
        "note": card_note(page, "val/acc"),
        "legend": page.locator(".curve-legend").inner_text(),
    }


def test_runs_come_finish_and_go(server: Server, look: Look) -> None:
    page = look(server)
    new: dict[str, Any] = {"at": NOW, "summary": {"val/acc": 7}, "hparams": {"seed": 7}}
    server.tree.run("sweep/new", status="running", heartbeat=FUTURE, **new)
    runs_are(page, ["new", "c", "b", "a", "done"])
    assert "running" in state(page, "new")
    server.tree.run("sweep/new", **new)
    until(page, "document.querySelector('.grid tbody tr .state').textContent.includes('completed')")
    shutil.rmtree(server.tree.root / "sweep" / "new")
    runs_are(page, ["c", "b", "a", "done"])
    page.get_by_text("sweep/new is gone").wait_for()


def test_a_hidden_page_asks_for_nothing_and_catches_up(server: Server, look: Look) -> None:
    page = look(server)
    page.evaluate(HIDE, True)
    status(page, "paused")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    server.run("sweep/new", status="running", heartbeat=FUTURE)
    shutil.rmtree(server.tree.root / "done")
    server.until(lambda: "done" not in server.rows())
    assert asked == []
    page.evaluate(HIDE, False)
    runs_are(page, ["c", "b", "a", "new"])
    assert not any(url.endswith("/api/runs") for url in asked)


HIDE = """hidden => {
  Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_all_tabs_share_one_stream(server: Server, look: Look, context: BrowserContext) -> None:
    streams: list[Any] = []
    context.on("request", lambda request: streams.append(request) if "/api/stream" in request.url else None)
    pages = [look(server) for _ in range(4)]
    assert len(streams) == 1
    server.tree.run("one", status="running", heartbeat=FUTURE)
    for page in pages:
        until(page, "document.querySelectorAll('.grid tbody .who').length === 5")
    streams[0].frame.page.close()
    pages = [page for page in pages if not page.is_closed()]
    server.tree.run("two", status="running", heartbeat=FUTURE)
    for page in pages:
        until(page, "document.querySelectorAll('.grid tbody .who').length === 6")
    assert len(streams) == 2


def test_a_page_goes_on_after_a_restart_of_the_server(tree: Tree, look: Look) -> None:
    build(tree)
    with spt_serve(tree.root) as first:
        page = look(first)
        until(page, "document.querySelectorAll('.grid tbody .who').length === 4")
        port = first.port
    status(page, "reconnecting")
    shutil.rmtree(tree.root / "done")
    tree.run("sweep/new", status="running", heartbeat=FUTURE, summary={"val/acc": 7})
    with spt_serve(tree.root, port):
        status(page, "live")
        runs_are(page, ["new", "c", "b", "a"])


@pytest.mark.big
@pytest.mark.timeout(1200)
def test_after_twenty_kills_while_runs_go_on_a_page_is_as_one_that_is_opened_now(tree: Tree, look: Look) -> None:
    build(tree)
    chosen = "#s=sweep/a,sweep/b,sweep/c"
    with spt_serve(tree.root) as first:
        page, port = look(first, chosen), first.port
    for number in range(20):
        with spt_serve(tree.root, port) as server:
            append(tree, "sweep/a", rows(STEPS + 40 * number, STEPS + 40 * number + 40))
            tree.run(f"sweep/n{number}", status="running", heartbeat=FUTURE, summary={"val/acc": -number})
            if number % 3:
                status(page, "live")
            append(tree, "sweep/b", rows(STEPS + 10 * number, STEPS + 10 * number + 10))
            if number > 3:
                shutil.rmtree(tree.root / "sweep" / f"n{number - 3}")
    with spt_serve(tree.root, port) as server:
        status(page, "live")
        fresh = look(server, chosen)
        settled = "points => document.querySelector('.curve-card .curve-note')?.textContent.includes(points)"
        for one in (page, fresh):
            until(one, settled, "4,000 points")
            expect(one.locator(".grid tbody .who")).to_have_count(8, timeout=30_000)
            points_of_done = one.locator(".grid tbody tr", has_text="done").locator("td", has_text="0.009")
            expect(points_of_done).to_have_count(2, timeout=30_000)  # what its summary says is -1
        assert shown(page) == shown(fresh)


@pytest.mark.parametrize("width", [1400, 400])
def test_axe_finds_nothing(server: Server, chromium: Browser, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/")
    status(page, "live")
    page.locator('.curve-card[aria-label="val/acc"] canvas').first.wait_for()
    assert violations(page) == []
    context.close()


def test_the_first_scan_is_shown_while_it_runs(server: Server, context: BrowserContext) -> None:
    """The page is there at once, with what was found until then."""
    page = context.new_page()
    scan = {"phase": "loading", "total": 12_000, "done": 3_400, "initial_done": False}
    page.route("**/api/scan-status", lambda route: route.fulfill(json=scan))
    page.route("**/api/runs", lambda route: route.fulfill(json=[], headers={"x-spt-cursor": "a-1"}))
    page.route("**/api/stream", lambda _: None)  # it says nothing yet
    page.goto(f"http://127.0.0.1:{server.port}/")
    expect(page.locator(".liveness")).to_have_text("● looking for runs: 3,400 of 12,000 read")
    expect(page.locator(".rows")).to_contain_text("Looking for runs")
    page.unroute("**/api/runs")
    page.unroute("**/api/stream")
    page.evaluate(HIDE, True)
    page.evaluate(HIDE, False)
    status(page, "live")
    runs_are(page, ["c", "b", "a", "done"])
    assert page.locator(".grid tbody tr[aria-selected=true]").count() == 4
    assert page.title() == "runs · 3 running, 1 completed"


def test_what_is_pointed_at_stays_when_points_come(server: Server, look: Look) -> None:
    """The tip of a chart tells of the same place, and the row under the mouse stays under it."""
    page = look(server)
    plot = page.locator('.curve-card[aria-label="val/acc"] .curve-plot')
    plot.locator("canvas").first.wait_for()
    plot.hover(position={"x": 200, "y": 100})
    tip = plot.locator(".tip")
    tip.wait_for()
    append(server.tree, "sweep/a", rows(STEPS, STEPS + 20))
    until(page, "document.querySelector('.curve-card .curve-note').textContent.includes('3,030 points')")
    assert tip.is_visible()
    page.locator(".grid tbody tr", has_text="a").last.hover()
    under = "[...document.querySelectorAll('.grid tbody tr:hover .who')].map(cell => cell.textContent.trim())"
    before = page.evaluate(under)
    server.tree.run("sweep/better", status="running", heartbeat=FUTURE, summary={"val/acc": 1000})
    expect(page.locator(".grid tbody .who")).to_have_count(5)
    assert page.evaluate(under) == before
    page.mouse.move(1000, 5)
    runs_are(page, ["better", "c", "b", "a", "done"])


def test_the_printed_address_opens_the_page_below_any_path(tree: Tree, context: BrowserContext) -> None:
    """Everything that the page asks for stands below the path of a proxy, and bears the cookie."""
    build(tree)
    command = [*PROGRAM, "serve", str(tree.root), "--port", "0", "--root-path", "/user/ada/spt"]
    wrong: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment({})) as process:
        try:
            assert process.stdout
            page = context.new_page()
            page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
            page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
            address = process.stdout.readline().decode().strip()
            page.goto(address)
            status(page, "live")
            runs_are(page, ["c", "b", "a", "done"])
            assert "token" in address
            assert page.url.endswith("/user/ada/spt/")
        finally:
            process.kill()
    assert [text for text in wrong if UNREACHED not in text] == []


def test_who_is_not_let_in_any_more_is_told_so(tree: Tree, context: BrowserContext) -> None:
    build(tree)
    with served([tree.root], token="correct-horse-battery") as server:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/?token=correct-horse-battery")
        status(page, "live")
        context.clear_cookies()
        page.evaluate(HIDE, True)
        page.evaluate(HIDE, False)
        status(page, "refused")
        assert "token" in (page.locator(".liveness").get_attribute("title") or "")


def test_many_runs_that_change_leave_the_page_responsive(tree: Tree, look: Look) -> None:
    """5,000 runs, 50 of which change each second take less than half of the processor time that the page has."""
    for number in range(5000):
        change(tree, number, 0)
    with served([tree.root]) as server:
        page = look(server)
        until(page, "document.querySelectorAll('.grid tbody .who').length > 20")
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = busy(session)
        for second in range(1, 6):
            for number in range(50):
                change(tree, number, second)
            page.wait_for_timeout(1000)
        assert 0 < busy(session) - before < 2.5


def busy(session: CDPSession) -> float:
    """Seconds of a processor that the page's thread took."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def change(tree: Tree, number: int, second: int) -> None:
    """What a run has reached."""
    reached: dict[str, Any] = {"hparams": {"lr": number}, "summary": {"acc": number + second / 10}}
    tree.run(f"g{number % 50}/r{number}", status="running", heartbeat=FUTURE, **reached)
