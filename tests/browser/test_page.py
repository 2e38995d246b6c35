"""The run table and the views around it: what a person does with keys and clicks, and finds again by its address."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.exports import exported
from tests.trees import NOW, Tree

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Visit = Callable[..., Page]

pytestmark = pytest.mark.browser

HOUR = 3600.0
MANY = 5000


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve runs, three seeds of four widths; one failed with a log, one stale, and one has pictures."""
    tree = Tree(tmp_path_factory.mktemp("sweep") / "runs")
    for number in range(12):
        width, seed = 32 << number % 4, number // 4
        best = 0.5 + number % 4 / 10 + seed / 100
        status = {5: "failed", 6: "running"}.get(number, "completed")
        name = f"w{width}/s{seed}"
        tree.run(
            name,
            at=NOW - number * HOUR,
            status=status,
            hparams={"model.width": width, "seed": seed, "optim": "adam"},
            summary={"val/acc": best, "val/loss": 1 - best},
            tags=["baseline"] if width == 32 else [],
            notes="looks <b>odd</b>" if number == 3 else "",
        )
        rows = "".join(f"{step},{best - 0.1 + step / 1000:.6g},{1 - best:.6g}\n" for step in range(101))
        tree.write(f"{name}/metrics.csv", f"step,val/acc,val/loss\n{rows}")
    tree.write("w64/s1/train.log", "\x1b[31mred\x1b[0m plain\n" + "x\n" * 60 + TRACEBACK)
    tree.write("w32/s0/media.jsonl", "".join(json.dumps(event) + "\n" for event in EVENTS))
    for event in EVENTS:
        tree.write(f"w32/s0/{event['path']}", PIXEL)
    return exported(tree.root, tmp_path_factory.mktemp("page"))


TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\nValueError: no such width\n'
EVENTS = [
    {"step": step, "tag": "val/mask", "type": "image", "path": f"media/val__mask/{step}_{at}.png", "caption": f"c{at}"}
    for step in (0, 50)
    for at in (0, 1)
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c6360606000000004000160e2f6e10000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many runs, few of them with curves."""
    tree = Tree(tmp_path_factory.mktemp("large") / "runs")
    for number in range(MANY):
        tree.run(f"r{number:04}", at=NOW - number, hparams={"lr": number % 7}, summary={"val/acc": number / MANY})
    return exported(tree.root, tmp_path_factory.mktemp("page"), limit=10)


def names(page: Page) -> list[str]:
    """The runs of the table, as far as they are in the document, groups marked."""
    found: list[str] = page.locator(".grid tbody .who").all_inner_texts()
    return [name.strip() for name in found]


def column(page: Page, title: str) -> list[str]:
    """The cells of the column with that title."""
    titles = [re.sub(r"[↑↓\s]", "", text) for text in page.locator(".grid thead th").all_inner_texts()]
    cells: list[str] = page.locator(f".grid tbody tr > :nth-child({titles.index(title) + 1})").all_inner_texts()
    return cells


def chosen(page: Page) -> list[str]:
    """The selected runs, as the table shows them."""
    found: list[str] = page.locator('.grid tbody tr[aria-selected="true"]:not(.group) .who').all_inner_texts()
    return [name.strip() for name in found]


def where(page: Page) -> str:
    """The hash."""
    return str(page.evaluate("decodeURIComponent(location.hash)"))


def choose(page: Page, text: str) -> None:
    """Types *text* into the filter box and waits until it holds."""
    page.get_by_label("Filter runs").fill(text)
    page.get_by_label("Filter runs").press("Enter")


def test_the_best_eight_are_selected_at_first_and_the_best_stands_above(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    assert names(page)[:3] == ["w256/s2", "w256/s1", "w256/s0"]
    assert len(chosen(page)) == 8
    assert column(page, "best")[:2] == ["0.82", "0.81"]
    assert page.locator(".best .who").inner_text().split() == ["best", "run", "w256/s2"]
    assert page.locator(".best b").inner_text() == "0.82"
    assert where(page) == ""


def test_states_are_words_where_there_is_room_and_glyphs_on_a_phone(visit: Visit, sweep: Path) -> None:
    assert column(visit(sweep, "#o=state"), "state")[:3] == ["✗ failed", "◌ stale", "✓ completed"]
    phone = visit(sweep, "#o=state", width=400)
    assert [cell.splitlines()[0] for cell in column(phone, "state")[:3]] == ["✗", "◌", "✓"]


def test_a_group_tells_the_states_of_its_runs(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#by=model.width")
    assert page.locator("tr.group .states").first.locator(".state").count() == 1
    told = {" ".join(cell.split()) for cell in page.locator("tr.group .states").all_inner_texts()}
    assert "✗ 1 1 failed ✓ 2 2 completed" in told


def test_counts_by_state_have_a_glyph_and_a_word_and_filter(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    counts = page.locator(".counts button")
    assert counts.all_inner_texts() == ["✗ 1 failed", "◌ 1 stale", "✓ 10 completed"]
    counts.first.click()
    assert names(page) == ["w64/s1"]
    assert counts.first.get_attribute("aria-pressed") == "true"
    counts.first.click()
    assert len(names(page)) == 12


def test_the_filter_knows_the_language_of_where(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    choose(page, 'width >= 128 and "baseline" not in tags and not seed == 1')
    assert names(page) == ["w256/s2", "w256/s0", "w128/s2", "w128/s0"]
    assert where(page) == '#f=width >= 128 and "baseline" not in tags and not seed == 1'


def test_down_leaves_the_filter_box_for_the_rows_that_it_chose(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    press = page.keyboard.press
    press("n")
    press("/")
    page.keyboard.type("seed == 2 and width > 64")
    press("ArrowDown")
    press("Space")
    assert names(page) == ["w256/s2", "w128/s2"]
    assert chosen(page) == ["w256/s2"]


def test_a_wrong_filter_says_where_and_what_and_keeps_the_rows(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    choose(page, "width == 32")
    choose(page, "seed == 1 and widht == 64")
    said = page.locator("#filter-said")
    assert said.inner_text().split("\n")[:3] == ["no run has widht.", "seed == 1 and widht == 64", " " * 14 + "^^^^^"]
    assert page.get_by_label("Filter runs").get_attribute("aria-invalid") == "true"
    assert len(names(page)) == 3
    said.get_by_role("button", name="model.width").click()
    assert names(page) == ["w64/s1"]


def test_words_are_searched_for_in_any_field(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    choose(page, "BASE")
    assert names(page) == ["w32/s2", "w32/s1", "w32/s0"]
    assert page.locator("#filter-said").inner_text() == "Runs with “base” in any field"
    choose(page, "optim adam and seed == 1 and odd")
    assert names(page) == []
    choose(page, "alve")
    page.get_by_role("button", name="alive").click()
    assert where(page) == "#f=alive"
    page.get_by_role("button", name="Search for").click()
    assert where(page) == '#f="alive"'


def test_a_click_on_a_title_sorts_and_another_turns_round(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    title = page.locator(".grid thead th", has_text="name")
    title.get_by_role("button").click()
    assert names(page)[0] == "w128/s0"
    assert title.get_attribute("aria-sort") == "ascending"
    title.get_by_role("button").click()
    assert names(page)[0] == "w64/s2"
    assert where(page) == "#o=-name"


def test_groups_show_mean_and_spread_over_seeds(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    page.get_by_label("Group").select_option("model.width")
    groups = page.locator(".grid tr.group")
    assert [text.split("\t") for text in groups.locator(".who").all_inner_texts()] == [
        ["▾ width 256 3"],
        ["▾ width 128 3"],
        ["▾ width 64 3"],
        ["▾ width 32 3"],
    ]
    assert groups.first.locator(".number").first.inner_text() == "0.810 ± 0.010"
    groups.first.locator("button").click()
    assert groups.first.get_attribute("aria-expanded") == "false"
    assert "w256/s0" not in names(page)
    page.get_by_label("Group").select_option("-seed")
    assert groups.count() == 4


def test_columns_are_chosen_searched_and_found_in_the_address(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Search columns").fill("optim")
    page.get_by_role("checkbox", name="optim").check()
    assert column(page, "optim")[0] == "adam"
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog", name="Columns").is_hidden()
    assert "optim" in where(page)
    page.reload()
    assert column(page, "optim")[0] == "adam"


def test_another_metric_changes_best_goal_and_the_selection_of_the_best(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    page.get_by_label("Primary metric").select_option("val/loss")
    assert page.locator(".best .goal").inner_text() == "lowest ↓"
    assert column(page, "best")[0] == "0.18"
    page.locator(".best .goal").click()
    assert column(page, "best")[0] == "0.50"
    assert set(chosen(page)) == set(names(page)[:8])
    page.reload()
    assert column(page, "best")[0] == "0.50"


def test_a_run_keeps_its_colour_while_others_come_and_go_and_in_the_link(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)

    def colours() -> dict[str, str]:
        rows = page.locator('.grid tbody tr[aria-selected="true"]')
        return {
            rows.nth(at).locator(".who").inner_text(): str(rows.nth(at).locator("line").get_attribute("stroke"))
            for at in range(rows.count())
        }

    before = colours()
    page.get_by_label("select w256/s1", exact=True).click()
    del before["w256/s1"]
    assert colours() == before
    page.reload()
    assert colours() == before
    page.get_by_label("select w32/s0", exact=True).click()
    assert colours()["w32/s0"] not in before.values()


def test_back_leads_to_the_view_before(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    page.get_by_role("tab", name="Hparams").click()
    page.get_by_role("tab", name="Logs").click()
    page.go_back()
    assert page.get_by_role("tab", selected=True).inner_text() == "Hparams"
    page.go_back()
    assert page.get_by_role("tab", selected=True).inner_text() == "Curves"
    page.go_forward()
    assert page.get_by_role("tab", selected=True).inner_text() == "Hparams"


def test_back_keeps_what_was_filtered_and_selected_since(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    page.get_by_role("tab", name="Logs").click()
    choose(page, "seed == 1")
    page.keyboard.press("Escape")
    choose(page, "seed == 2")
    page.get_by_role("button", name="All").click()
    page.go_back()
    assert page.get_by_role("tab", selected=True).inner_text() == "Curves"
    assert chosen(page) == names(page) == ["w256/s2", "w128/s2", "w64/s2", "w32/s2"]
    assert where(page).endswith("&f=seed == 2")
    page.reload()
    assert chosen(page) == names(page)


def test_an_address_that_is_typed_is_followed(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#f=seed%20%3D%3D%201")
    page.evaluate("location.hash = 'v=hparams&f=seed == 2'")
    page.get_by_role("tab", name="Hparams", selected=True).wait_for()
    assert names(page)[0] == "w256/s2"
    assert page.get_by_label("Filter runs").input_value() == "seed == 2"


def test_the_whole_view_stands_in_the_address(visit: Visit, sweep: Path) -> None:
    """Filter, order, group, selection, view and theme."""
    address = "#v=hparams&s=w32/s0,,w64/s1&f=width%20%3C%20100&o=name&by=seed&t=dark"
    page = visit(sweep, address)
    assert page.get_by_role("tab", selected=True).inner_text() == "Hparams"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert chosen(page) == ["w32/s0", "w64/s1"]
    assert len(names(page)) == 3 + 6
    page.get_by_role("button", name="None").click()
    page.get_by_role("button", name="All").click()
    page.get_by_role("tab", name="Curves").click()
    assert re.search(r"&s=[^&]*w64/s0.*&f=width < 100&o=name&by=seed&t=dark$", where(page).replace("#", "&"))


@pytest.mark.parametrize(
    "address", ["#v=nothing&zz=1&s=%&m=none&o=--&by=none&c=none,none&r=none&sm=x", "#%%%", "#=&&=="]
)
def test_a_broken_address_shows_the_page(visit: Visit, sweep: Path, address: str) -> None:
    page = visit(sweep, address)
    assert len(page.locator(".grid tbody .who").all()) >= 12
    assert page.locator("[role=tabpanel] > *").count() > 0


def test_the_keyboard_alone_does_everything(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    press = page.keyboard.press
    press("n")
    assert chosen(page) == []
    press("j")
    press("j")
    press("Space")
    press("Shift+ArrowDown")
    press("Space")
    assert chosen(page) == ["w256/s1", "w256/s0"]
    press("Enter")
    assert page.locator(".title-line h2").inner_text() == "w256/s0"
    press("]")
    assert page.locator(".title-line h2").inner_text() != "w256/s0"
    press("/")
    page.keyboard.type("seed == 2 and width > 64")
    page.keyboard.press("Enter")
    assert names(page) == ["w256/s2", "w128/s2"]
    press("Escape")
    assert len(names(page)) == 12
    press("Escape")
    for key, title in zip("1234567", ["Overview", "Curves", "Compare", "Hparams", "Media", "Logs", "Run"], strict=True):
        press(key)
        assert page.get_by_role("tab", selected=True).inner_text() == title
    page.get_by_role("tab", name="Run").focus()
    press("ArrowRight")
    assert page.get_by_role("tab", selected=True).inner_text() == "Overview"
    assert page.evaluate("document.activeElement.textContent") == "Overview"
    page.locator(".grid").focus()
    press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    press("Escape")
    assert page.get_by_role("dialog", name="Keys").is_hidden()
    press("b")
    assert len(chosen(page)) == 8
    press("t")
    assert page.locator("html").get_attribute("data-theme") == "light"


def test_everything_to_click_can_be_reached_with_tab(visit: Visit, sweep: Path) -> None:
    """But what the grid reaches with its own keys."""
    page = visit(sweep, "#v=run")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent.slice(0, 20)")
        )
    clickable = "button:not(.grid tbody *):not([role=tab]):not(dialog *):not([hidden] *):not(:disabled), select, input"
    shown = page.locator(clickable).evaluate_all(
        "all => all.filter(one => one.offsetParent && one.tabIndex >= 0)"
        ".map(one => one.ariaLabel || one.textContent.slice(0, 20))"
    )
    assert set(shown) - reached == set()


def test_details_say_everything_of_the_sidecar(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=run&r=w256/s0")
    text = page.locator("[role=tabpanel]").inner_text()
    for said in ("looks <b>odd</b>", "model.width\t256", "run_dir\t", "val/acc\t0.8", "duration\t1m 00s", "101"):
        assert said in text
    assert page.locator("[role=tabpanel] b:has-text('odd')").count() == 0


def test_details_can_be_copied(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=run&r=w256/s0", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as JSON").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied: dict[str, Any] = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert (copied["run_id"], copied["hparams"]["model.width"]) == ("w256/s0", 256)


def test_hparams_that_differ_come_first_and_the_same_are_counted(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=hparams&s=w32/s0,w64/s0")
    table = page.locator(".wide-table")
    assert [row.split("\t") for row in table.locator("tbody tr").all_inner_texts()] == [["model.width", "32", "64"]]
    assert table.locator("td.differs").all_inner_texts() == ["64"]
    assert page.locator("[role=tabpanel] summary").inner_text() == "2 hparams identical in both runs"
    page.get_by_label("Search hparams").fill("ADAM")
    assert page.locator(".facts-table").inner_text() == "optim\tadam"


def test_logs_begin_with_failed_runs_in_colour_and_lead_to_the_traceback(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=logs")
    assert page.get_by_label("Run", exact=True).locator("option").first.inner_text() == "✗ failed  w64/s1"
    lines = page.locator(".log-line")
    assert "ValueError: no such width" in lines.last.inner_text()
    page.get_by_role("button", name="Jump to traceback").click()
    top = page.locator(".log-line.in-traceback").first
    assert "Traceback (most recent call last):" in top.inner_text()
    page.get_by_label("Search this log").fill("valueerror")
    assert page.locator(".log-line.hit").count() == 1
    assert page.get_by_text("1 of 1 line").is_visible()


def test_media_have_steps_captions_and_a_large_view(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=media&s=w32/s0,w64/s0")
    pictures = page.locator(".picture")
    pictures.first.wait_for()
    assert pictures.locator("figcaption").all_inner_texts() == ["c0", "c1"]
    assert pictures.locator("img").first.get_attribute("alt") == "val/mask, step 50, w32/s0: c0"
    page.get_by_role("button", name="step before").click()
    assert pictures.locator("img").first.get_attribute("alt") == "val/mask, step 0, w32/s0: c0"
    assert where(page).endswith("md=val/mask,0")
    page.get_by_role("button", name="enlarge").first.click()
    dialog = page.get_by_role("dialog", name="Image")
    assert dialog.locator("h2").inner_text() == "w32/s0, step 0, 1 of 2"
    page.keyboard.press("ArrowRight")
    assert dialog.locator("h2").inner_text() == "w32/s0, step 0, 2 of 2"
    page.keyboard.press("Escape")
    assert dialog.is_hidden()


def test_five_thousand_rows_are_few_elements_of_one_height(visit: Visit, large: Path) -> None:
    page = visit(large)
    rows = page.locator(".grid tbody tr:not(.space)")
    assert rows.count() < 80
    assert page.locator(".grid").get_attribute("aria-rowcount") == str(MANY + 1)
    heights = page.locator(".grid tr:not(.space)").evaluate_all("all => [...new Set(all.map(one => one.offsetHeight))]")
    assert heights == [28]
    page.locator(".rows").evaluate("box => { box.scrollTop = box.scrollHeight }")
    page.locator(f"#row-{MANY - 1}").wait_for()
    last, box = page.locator(f"#row-{MANY - 1}").bounding_box(), page.locator(".rows").bounding_box()
    assert last
    assert box
    assert abs(last["y"] + last["height"] - (box["y"] + box["height"])) < 2
    page.locator(".grid").press("Home")
    assert page.evaluate("document.querySelector('.grid tr.active').id") == "row-0"


def test_rows_stay_in_order_however_one_scrolls(visit: Visit, large: Path) -> None:
    page = visit(large)
    for top in (3000, 2800, 90_000, 89_000, 0, 500):
        page.locator(".rows").evaluate(
            "(box, top) => new Promise((done) => {"
            " box.scrollTop = top; setTimeout(() => requestAnimationFrame(done), 50); })",
            top,
        )
        places: list[int] = page.locator(".grid tbody tr[id]").evaluate_all(
            "all => all.map(one => Number(one.id.slice(4)))"
        )
        assert places == list(range(places[0], places[0] + len(places)))
        assert places[0] * 28 <= max(top - 28, 0) < places[-1] * 28


def test_runs_without_curves_have_their_last_value(visit: Visit, large: Path) -> None:
    page = visit(large, "#f=run_id%20%3D%3D%20%22r4999%22&c=last,lr")
    assert (names(page), column(page, "lr")) == (["r4999"], ["1"])
    assert "curves of 4,990 runs" in page.locator(".foot .left-out").first.inner_text()


@pytest.mark.parametrize("width", [1400, 700, 400])
def test_nothing_is_wider_than_the_window_and_no_column_is_cut(visit: Visit, sweep: Path, width: int) -> None:
    page = visit(sweep, width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".rows").evaluate("box => box.scrollWidth <= box.clientWidth")
    cut = page.locator(".grid :is(th, td):not(.who):not(.pick)").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
    )
    assert cut == []


def test_theme_and_metric_are_remembered_and_nothing_else(visit: Visit, sweep: Path) -> None:
    page = visit(sweep, "#v=hparams&f=seed%20%3D%3D%201")
    page.get_by_role("button", name="Theme: auto").click()
    page.get_by_label("Primary metric").select_option("val/loss")
    page.goto("about:blank")
    page.goto(sweep.as_uri())
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.get_by_label("Primary metric").input_value() == "val/loss"
    assert (page.get_by_role("tab", selected=True).inner_text(), len(names(page))) == ("Curves", 12)


def test_a_frame_that_may_store_nothing_shows_the_page(chromium: Browser, sweep: Path, tmp_path: Path) -> None:
    """As viewers of artifacts do it."""
    viewer = tmp_path / "viewer.html"
    viewer.write_text(f'<iframe sandbox="allow-scripts" width="1200" height="800" src="{sweep.as_uri()}"></iframe>')
    page = chromium.new_context(offline=True).new_page()
    page.goto(viewer.as_uri())
    frame = page.frame_locator("iframe")
    frame.get_by_role("tab", name="Hparams").click()
    assert frame.get_by_role("tab", selected=True).inner_text() == "Hparams"
    assert frame.locator(".grid tbody .who").count() == 12


def test_no_runs_make_a_page(visit: Visit, tree: Tree, tmp_path: Path) -> None:
    page = visit(exported(tree.root, tmp_path / "page"))
    assert "There are no runs yet." in page.locator(".rows").inner_text()
    for key in "1234567":
        page.keyboard.press(key)
    assert page.get_by_role("tab", selected=True).inner_text() == "Run"


def test_print_shows_the_table_of_all_runs(visit: Visit, sweep: Path) -> None:
    page = visit(sweep)
    page.emulate_media(media="print")
    assert page.locator("#static table").is_visible()
    assert page.locator(".app .runs").is_hidden()


def test_a_metric_of_which_no_curve_is_known_can_be_the_primary_one(visit: Visit, tree: Tree, tmp_path: Path) -> None:
    """Runs whose metrics.csv is gone still have their last values."""
    for name, value in {"a": 0.5, "b": 0.75}.items():
        tree.run(name, summary={"val/acc": value})
    page = visit(exported(tree.root, tmp_path / "page"))
    assert (names(page), column(page, "last")) == (["b", "a"], ["0.75", "0.50"])
    assert page.locator(".best b").inner_text() == "≈0.75"
    assert page.get_by_label("Primary metric").input_value() == "val/acc"


def test_runs_without_the_metric_are_not_among_the_best(visit: Visit, tree: Tree, tmp_path: Path) -> None:
    """Unless none has it: then the newest are shown."""
    tree.run("a", summary={"val/acc": 0.5})
    tree.run("b")
    page = visit(exported(tree.root, tmp_path / "page"))
    assert (chosen(page), names(page)) == (["a"], ["a", "b"])
