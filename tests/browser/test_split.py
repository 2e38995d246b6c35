"""The page as a folder of files, opened as Jenkins serves it, and as a file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spt_cli.render import split
from tests.browser.exports import reported

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# What Jenkins sends with every file of a workspace or an artifact, unless its administrator says otherwise.
JENKINS = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';"


@pytest.fixture(scope="module")
def folder(real_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real runs as a folder of files."""
    top = tmp_path_factory.mktemp("split")
    for name, data in split.files(reported(real_runs)).items():
        path = top / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return top


class _Jenkins(SimpleHTTPRequestHandler):
    """Serves files as Jenkins does."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", JENKINS)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: it is a test."""


@pytest.fixture
def jenkins(folder: Path) -> Iterator[str]:
    """Where *folder* is served as by Jenkins."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Jenkins, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()
    thread.join()


def loaded(page: Page) -> list[int]:
    """The widths of all pictures of *page*; one that is not there is an error."""
    script = "image => { image.loading = 'eager'; return image.decode().then(() => image.naturalWidth); }"
    return [image.evaluate(script) for image in page.locator("img").all()]


def test_where_no_script_may_run_runs_curves_logs_and_pictures_are_there(chromium: Browser, jenkins: str) -> None:
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda told: wrong.append(told.text))
    page.goto(jenkins)
    text = page.text_content("body") or ""
    assert page.locator("tbody tr").count() == 30
    assert "slurm/requeued" in text
    assert "simulated crash" in text
    assert page.locator("figure svg path").count() > 5
    assert min(loaded(page)) > 0
    table = page.locator("table").first.bounding_box()
    assert table
    assert table["width"] > 900  # the style is there: without it a table is as narrow as its text
    assert [told for told in wrong if "Blocked script execution" not in told] == []  # its icon may be shown, too
    context.close()


def test_where_scripts_may_run_it_is_the_page(chromium: Browser, folder: Path) -> None:
    wrong: list[str] = []
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    page = context.new_page()
    page.on("console", lambda told: wrong.append(told.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("tab", name="Media").click()
    page.get_by_role("button", name="Select 1 run that did").click()
    page.locator("img").first.wait_for()
    assert min(loaded(page)) > 0
    assert wrong == []
    context.close()
