"""Nothing that axe-core finds keeps anybody from using a page, in any view, theme and width."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.exports import exported

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Visit = Callable[..., Page]

AXE = Path(__file__).parents[1] / "data" / "axe"
MEDIA = "media&s=array/70431_0,cache/runs/20261123/064638/881200"
VIEWS = ("overview", "curves", "compare", "hparams", MEDIA, "logs", "run")
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def test_axe_is_as_it_was_published() -> None:
    with open(AXE / "VENDOR.toml", "rb") as file:
        told = tomllib.load(file)["sha256"]
    files = [path for path in AXE.iterdir() if path.name != "VENDOR.toml"]
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == told


@pytest.fixture(scope="module")
def real(real_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(real_runs, tmp_path_factory.mktemp("page"))


def violations(page: Page) -> list[str]:
    """What axe has to say: the rule, and where."""
    page.add_script_tag(path=AXE / "axe.min.js")
    return [
        f"{found['id']}: {found['help']}: {[node['target'] for node in found['nodes']][:5]}"
        for found in page.evaluate(RUN)
    ]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.split("&")[0])
def test_axe_finds_nothing(visit: Visit, real: Path, view: str, *, dark: bool, width: int) -> None:
    page = visit(real, f"#v={view}", dark=dark, width=width, bypass_csp=True)
    page.locator("[role=tabpanel] > *").first.wait_for()
    assert violations(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_what_opens(visit: Visit, real: Path, *, dark: bool) -> None:
    """Groups, the column chooser, a wrong filter, the list of keys."""
    page = visit(real, "#by=model.width&f=nonsense%20%3E%203&c=state,best,trend,tags", dark=dark, bypass_csp=True)
    page.get_by_role("button", name="Columns").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator(".grid").focus()
    page.keyboard.press("?")
    assert violations(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_without_scripts(visit: Visit, real: Path, *, dark: bool) -> None:
    """Scripts run here, so that axe can; what they hide and show is set back."""
    page = visit(real, dark=dark, bypass_csp=True)
    page.evaluate("document.documentElement.classList.remove('scripted'); document.getElementById('app').remove()")
    assert violations(page) == []
