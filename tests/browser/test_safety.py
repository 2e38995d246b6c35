"""Nothing that a run holds is done by its page: it is shown as text, the policy is in force, nothing is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spt_cli.words.text import printable
from tests.browser.exports import exported
from tests.hostile import INJECTIONS, hostile_tree

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Visit = Callable[..., Page]

pytestmark = pytest.mark.browser

VIEWS = ("overview", "curves", "compare", "hparams", "media", "logs", "run")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile") / "runs"
    root.mkdir()
    return exported(hostile_tree(root), tmp_path_factory.mktemp("page"), title=INJECTIONS[0])


@pytest.fixture(scope="module")
def harmless(real_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(real_runs, tmp_path_factory.mktemp("page"))


def shown(text: str, *, lines: bool = False) -> str:
    """*text* as an element's innerText has it: harmless, white space of a line as one; with *lines* of any."""
    whole = re.sub("[\ud800-\udfff]", "\ufffd", text)  # halves of characters are replaced when a sidecar is read
    return " ".join(printable(whole, lines=lines).split())


@pytest.mark.parametrize("view", VIEWS)
def test_what_runs_hold_is_text_in_every_view(visit: Visit, hostile: Path, view: str) -> None:
    page = visit(hostile, f"#v={view}&s=*")
    page.locator("[role=tabpanel] > *").first.wait_for()
    page.wait_for_timeout(200)  # what is drawn later, when it is seen
    assert page.evaluate("window.hacked") is None
    assert (
        page.evaluate(
            "[...document.querySelectorAll('[onclick], [onload], [onerror], [onmouseover], iframe, base')].length"
        )
        == 0
    )
    addresses = page.locator("[src], [href]").evaluate_all(
        "all => all.map(one => one.getAttribute('src') ?? one.getAttribute('href'))"
    )
    assert [address for address in addresses if not address.startswith(("data:", "#"))] == []


def test_names_are_shown_as_they_are_written(visit: Visit, hostile: Path) -> None:
    page = visit(hostile)
    said = [" ".join(text.split()) for text in page.locator(".grid .who button").all_text_contents()]
    for text in INJECTIONS:
        if text.strip():
            assert any(shown(text)[:60] in name for name in said), text


def test_details_show_every_field_as_text(visit: Visit, hostile: Path) -> None:
    page = visit(hostile, "#v=run")
    found = page.locator("[role=tabpanel]")
    for _ in INJECTIONS:
        number = int(found.locator(".facts-table td").first.inner_text()[:2])
        wanted = shown(INJECTIONS[number])[:500]
        assert " ".join(found.inner_text().split()).count(wanted) >= 5, wanted  # tag, path, hparams, metrics, name
        page.keyboard.press("]")
    assert page.evaluate("window.hacked") is None


def test_without_scripts_hostile_runs_are_text_too(visit: Visit, hostile: Path) -> None:
    page = visit(hostile, java_script_enabled=False)
    text = " ".join(page.locator("#static").inner_text().split())
    for injected in INJECTIONS:
        assert shown(injected, lines=True)[:40] in text, injected
    assert (
        page.locator("#static").evaluate("one => [...one.querySelectorAll('script, img, iframe, b b, style')].length")
        == 0
    )


def test_no_ones_names_become_properties_of_everything(visit: Visit, hostile: Path) -> None:
    page = visit(hostile, "#v=hparams&s=*")
    assert page.evaluate("({}).plain === undefined && ({}).polluted === undefined && Object.keys({}).length") == 0


def test_the_policy_comes_first_and_is_the_strict_one(visit: Visit, harmless: Path) -> None:
    page = visit(harmless)
    assert page.evaluate("document.head.firstElementChild.httpEquiv") == "Content-Security-Policy"
    policy = str(page.evaluate("document.head.firstElementChild.content"))
    expected = (
        "default-src 'none'; script-src 'sha256-…'; style-src 'sha256-…'; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert re.sub(r"sha256-[\w+/=]{44}", "sha256-…", policy) == expected


ATTEMPTS = (
    "document.body.innerHTML = '<b>x</b>'",
    "eval('1')",
    "new Function('return 1')()",
    "document.body.append(Object.assign(document.createElement('script'), {text: 'window.hacked = 1'}))",
    "document.body.setAttribute('onclick', 'window.hacked = 1'), document.body.click()",
    "await fetch(location.href)",
    "new Image().src = 'file:///etc/hostname'",
    "window.trustedTypes.createPolicy('x', {createHTML: one => one})",
)
WATCHED = """async () => {
    const said = [];
    addEventListener("securitypolicyviolation", (event) => said.push(event.violatedDirective));
    setTimeout(async () => { try { ATTEMPT } catch (error) { said.push(error.name); } }); // else the driver may eval
    await new Promise((done) => setTimeout(done, 100));
    return { said, hacked: window.hacked ?? null };
}"""


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_policy_is_in_force(loud: Page, attempt: str) -> None:
    """Each attempt fails or does nothing, and the browser says so."""
    result = loud.evaluate(WATCHED.replace("ATTEMPT", attempt))
    assert result["said"] != []
    assert result["hacked"] is None


@pytest.fixture
def loud(chromium: object, harmless: Path) -> Page:
    """The page, where it may complain."""
    page: Page = chromium.new_context(offline=True).new_page()  # type: ignore[attr-defined] # a Browser
    page.goto(harmless.as_uri())
    return page


def test_no_style_attribute_and_no_handler_stands_in_the_markup(harmless: Path) -> None:
    text = harmless.read_text("ascii", "replace")
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert re.findall(r"<[^>]*\s(?:style|on\w+)=", markup) == []
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', markup) == []


def test_every_run_stands_in_the_markup_outside_scripts(real_runs: Path, tmp_path: Path) -> None:
    page = exported(real_runs, tmp_path, limit=3).read_text("utf-8")
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    ids = [str(path.parent.relative_to(real_runs)) for path in real_runs.rglob("sidecar.json")]
    assert [run_id for run_id in ids if f'<th scope="row">{run_id}' not in markup] == []


def test_without_scripts_table_curves_and_tracebacks_are_readable(visit: Visit, harmless: Path) -> None:
    page = visit(harmless, java_script_enabled=False)
    assert page.locator("#static tbody tr").count() == 30
    assert page.locator("#static .plot path").count() > 10
    assert "Traceback (most recent call last)" in page.locator("#static pre").first.inner_text()
    assert page.locator("noscript").inner_text().startswith("Scripts are off here")
    assert page.locator("#static time").inner_text() == "2027-01-15 08:00 UTC"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_with_scripts_what_is_for_others_is_hidden(visit: Visit, harmless: Path) -> None:
    page = visit(harmless)
    assert page.locator("#static").is_hidden()
    assert page.locator(".app").is_visible()


def test_a_browser_that_cannot_shows_what_needs_no_scripts(chromium: object, harmless: Path) -> None:
    page: Page = chromium.new_context(offline=True).new_page()  # type: ignore[attr-defined] # a Browser
    page.add_init_script("delete window.ResizeObserver")
    page.goto(harmless.as_uri())
    page.get_by_text("This browser cannot show the whole page").wait_for()
    assert page.locator("#static table").is_visible()
