"""stable-pretraining's own page, pointed at our server: it lists, draws, follows and edits runs as at home."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from spt_cli import assets
from tests.servers import Server, ours, peers_folder
from tests.trees import Tree

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.env]

POLICY = "default-src 'self'; script-src * 'unsafe-eval'; style-src * 'unsafe-inline'"  # uPlot is fetched from afar
ROWS = "step,loss\n" + "".join(f"{step},{step / 10}\n" for step in range(100))
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0500f0004850180"
    "84a98c210000000049454e44ae426082"
)
EVENT = {"step": 3, "tag": "img", "type": "image", "path": "media/img/3_0.png", "caption": "one"}


@pytest.fixture
def server(tree: Tree) -> Iterator[Server]:
    """Ours, with the peer's page; two runs, one with a log and a picture."""
    folder = peers_folder() / "stable_pretraining" / "web" / "assets"
    tree.run("g/a", status="running", heartbeat=2_000_000_000.0)
    tree.run("g/b", notes="a note")
    tree.write("g/a/metrics.csv", ROWS)
    tree.write("g/a/job.out", "hello from the log\n")
    tree.write("g/a/media.jsonl", json.dumps(EVENT) + "\n")
    tree.write("g/a/media/img/3_0.png", PIXEL)
    with ours([tree.root], page=(folder / "index.html").read_bytes, policy=POLICY, assets=folder) as serving:
        serving.until(lambda: len(serving.rows()) == 2)
        yield serving


@pytest.fixture
def page(server: Server, chromium: Browser) -> Iterator[Page]:
    """The page, which may log no error. What it fetches from elsewhere is ours."""
    wrong: list[str] = []
    context = chromium.new_context()
    opened = context.new_page()
    vendor = assets.folder("site") / "vendor" / "uplot"
    opened.route("**/uPlot.min.css", lambda route: route.fulfill(path=vendor / "uPlot.min.css"))
    opened.route("**/uPlot.iife.min.js", lambda route: route.fulfill(path=vendor / "uPlot.iife.min.js"))
    opened.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(f"http://127.0.0.1:{server.port}/")
    yield opened
    context.close()
    assert wrong == []


def test_it_lists_the_runs_and_sees_one_come_and_go(server: Server, page: Page) -> None:
    page.wait_for_function("document.querySelectorAll('.run-item').length === 2")
    server.tree.run("g/new")
    page.wait_for_selector(".run-item[data-run-id='g/new']")
    shutil.rmtree(server.tree.root / "g" / "new")
    page.wait_for_selector(".run-item[data-run-id='g/new']", state="detached")


def test_it_draws_a_run_and_follows_it(server: Server, page: Page) -> None:
    page.click(".run-item[data-run-id='g/a'] .run-name")
    page.wait_for_selector(".chart-panel canvas")
    drawn = "document.querySelector('.chart-panel canvas').toDataURL()"
    before = page.evaluate(drawn)
    server.tree.write("g/a/metrics.csv", ROWS + "100,1000\n", at=2_000_000_000.0)
    page.wait_for_function(f"before => {drawn} !== before", arg=before)


def test_it_shows_pictures(page: Page) -> None:
    page.click(".run-item[data-run-id='g/a'] .run-name")
    page.wait_for_function("[...document.images].some(image => image.src.includes('media-file') && image.naturalWidth)")


def test_it_shows_logs(page: Page) -> None:
    page.click(".run-item[data-run-id='g/a'] .run-name")
    page.click("[data-tab='out']")
    page.wait_for_function("document.getElementById('logs-out').textContent.includes('hello from the log')")


def test_it_renames_a_run(server: Server, page: Page) -> None:
    page.dblclick(".run-item[data-run-id='g/b'] .run-display-name")
    page.fill(".run-name-edit", "better")
    page.press(".run-name-edit", "Enter")
    server.until(lambda: server.rows()["g/b"]["display_name"] == "better")
    assert (server.tree.root / "g" / "b" / "annotations.json").exists()


def test_it_shows_notes(page: Page) -> None:
    page.click(".run-item[data-run-id='g/b'] .run-info")
    assert page.input_value(".notes-textarea") == "a note"
