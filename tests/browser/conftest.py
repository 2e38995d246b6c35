"""A browser, and pages opened in it that must stay silent: no request, no error."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.servers import Server

    Visit = Callable[..., Page]
    Browse = Callable[..., Page]

QUIET = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium without a window. It ends with these tests: while it is there, no other event loop can run."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """What opens a file, with the hash *where*, and returns its Page; *context* is for the browser's new_context.

    When the test ends no page may have logged an error or asked for anything but itself.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(
        path: Path, where: str = "", *, width: int = 1400, height: int = 900, dark: bool = False, **context: Any
    ) -> Page:
        scheme: Literal["dark", "light"] = "dark" if dark else "light"
        made = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, offline=True, **context
        )
        contexts.append(made)
        page: Page = made.new_page()
        own = path.as_uri()
        page.on("console", lambda told: wrong.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: wrong.append(asked.url) if not _local(asked.url, own) else None)
        page.goto(own + where)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Browse]:
    """What opens the page of a server, with the hash *where*, and returns its Page; *context* as for `visit`.

    When the test ends no page may have raised an error, or asked for anything but what its own server has.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(
        server: Server, where: str = "", *, width: int = 1400, height: int = 900, dark: bool = False, **context: Any
    ) -> Page:
        scheme: Literal["dark", "light"] = "dark" if dark else "light"
        made = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **context)
        contexts.append(made)
        page: Page = made.new_page()
        own = f"http://127.0.0.1:{server.port}/"
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith((own, "data:", "blob:")) else wrong.append(asked.url)
        )
        page.goto(own + where)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def _local(url: str, own: str) -> bool:
    return url.partition("#")[0] == own or url.startswith(("data:", "blob:"))
