"""The address with the token, opened as people open it: typed, and from a link on another site's page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers import ours

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize("linked", [False, True])
def test_the_printed_address_leads_to_the_page_and_stays_without_its_token(
    chromium: Browser, tmp_path: Path, linked: bool
) -> None:
    """After a redirect of a link on another site's page Chromium sends no Strict cookie."""
    page = chromium.new_context().new_page()
    with (
        ours([tmp_path], token=TOKEN, page=lambda: b"<!doctype html><p>the page") as server,
        ours([tmp_path], page=f'<a href="http://127.0.0.1:{server.port}/?token={TOKEN}">go'.encode) as other,
    ):
        if linked:
            page.goto(f"http://localhost:{other.port}/")  # localhost and 127.0.0.1 are two sites
            page.click("a")
        else:
            page.goto(f"http://127.0.0.1:{server.port}/?token={TOKEN}")
        page.wait_for_selector("text=the page")
        assert page.url == f"http://127.0.0.1:{server.port}/"
        page.reload()
        page.wait_for_selector("text=the page")
    page.context.close()
