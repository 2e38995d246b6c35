"""Pictures of a page for the manual. Look at each before it is kept.

python -m tests.browser.screenshots docs/pictures
"""

from __future__ import annotations

import io
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from spt_cli import demo
from spt_cli.render import html
from spt_cli.report import Options, report
from spt_cli.tree.roots import gather, resolve
from tests.trees import NOW

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOTS = {  # file: (width, height, dark, hash)
    "page-light.webp": (1400, 900, False, ""),
    "page-dark.webp": (1400, 900, True, "#v=compare"),
    "page-overview.webp": (1400, 900, True, "#v=overview"),
    "page-groups.webp": (1400, 900, False, "#v=hparams&by=model.width"),
    "page-logs.webp": (1400, 900, True, "#v=logs"),
    "page-phone-light.webp": (400, 860, False, ""),
    "page-phone-dark.webp": (400, 860, True, "#v=run"),
}


def take(browser: Browser, folder: Path) -> list[Path]:
    """Writes SHOTS of a page of demo runs into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        page = _page(Path(scratch))
        return [_shot(browser, page, folder / name, *how) for name, how in SHOTS.items()]


def _page(scratch: Path) -> Path:
    demo.write(scratch / "runs", runs=30, seed=4, now=NOW)
    roots, _ = resolve([str(scratch / "runs")])
    forest = gather(roots, now=NOW)
    made = report(forest, list(forest.runs.values()), Options(title="imagenet100 sweep"))
    page = scratch / "report.html"
    page.write_bytes(b"".join(html.page(made)))
    return page


def _shot(browser: Browser, page: Path, target: Path, width: int, height: int, dark: bool, where: str) -> Path:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        timezone_id="UTC",
        offline=True,
    )
    shown = context.new_page()
    shown.clock.set_fixed_time(datetime.fromtimestamp(NOW + 600, UTC))
    shown.goto(page.as_uri() + where)
    shown.locator("[role=tabpanel] > :nth-child(2)").wait_for()
    shown.wait_for_timeout(3000)  # charts are drawn when they are seen
    Image.open(io.BytesIO(shown.screenshot())).convert("RGB").save(target, lossless=True, method=6)
    context.close()
    return target


def main(folder: Path) -> None:
    """Takes all of them."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import QUIET

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        for path in take(browser, folder):
            sys.stdout.write(f"{path} {path.stat().st_size:,} bytes\n")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
