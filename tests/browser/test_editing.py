"""Editing in the page: what is typed is nobody else's, what others write is told, and nothing is lost on the way."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.served import served
from tests.browser.test_axe import violations
from tests.servers import Server
from tests.trees import NOW, Tree

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Browse

pytestmark = [pytest.mark.browser]


@pytest.fixture
def server(tree: Tree) -> Iterator[Server]:
    """Three runs of the trainer's: one with a note and a tag."""
    tree.run("sweep/r1", at=NOW, notes="from the trainer", tags=["baseline"])
    tree.run("sweep/r2", at=NOW - 10)
    tree.run("r3", at=NOW - 20, tags=["paper"])
    with served([tree.root]) as serving:
        serving.until(lambda: len(serving.rows()) == 3)
        yield serving


R1 = "#v=run&r=sweep/r1"


def edits(server: Server, run_id: str = "sweep/r1") -> dict[str, Any]:
    """What annotations.json holds."""
    data: dict[str, Any] = json.loads((server.tree.root / run_id / "annotations.json").read_bytes())
    data.pop("schema_version")
    return data


def type_notes(page: Page, text: str) -> None:
    """Types *text* for all that the notes hold."""
    page.get_by_label("Notes", exact=True).fill(text)


def save(page: Page) -> None:
    """Saves, and waits for the answer."""
    page.get_by_role("button", name="Save", exact=True).click()
    said(page, "saved")


def said(page: Page, text: str) -> None:
    """Waits until the editor says *text*."""
    page.locator(".edit-said", has_text=re.compile(f"^{re.escape(text)}$")).wait_for()


def tags(page: Page) -> list[str]:
    """The tags of the run, as the editor shows them."""
    return [text.split("\n")[0] for text in page.locator(".tag-list li").all_inner_texts()]


def test_name_and_notes_are_saved_and_everybody_sees_them(browse: Browse, server: Server) -> None:
    one, other = browse(server, R1), browse(server, R1)
    one.get_by_label("Name", exact=True).fill("the best one")
    type_notes(one, "two\nlines")
    said(one, "name and notes not saved (Ctrl Enter)")
    save(one)
    assert edits(server) == {"display_name": "the best one", "notes": "two\nlines"}
    other.locator(".title-line h2", has_text="the best one").wait_for()
    assert other.get_by_label("Notes", exact=True).input_value() == "two\nlines"
    assert other.locator(".grid .who", has_text="the best one").count() == 1


def test_the_keyboard_alone_edits(browse: Browse, server: Server) -> None:
    page = browse(server, "#o=name")
    page.locator(".grid tbody .who").first.wait_for()
    press = page.keyboard.press
    press("j")
    press("e")
    assert page.evaluate("document.activeElement.id") == "edit-name"
    page.keyboard.type("named")
    press("Tab")
    while page.evaluate("document.activeElement.id") != "edit-tags":
        press("Tab")
    page.keyboard.type("one, two")
    press("Enter")
    page.locator(".tag-list li", has_text="two").wait_for()
    press("Tab")
    press("Control+a")
    page.keyboard.type("noted")
    press("Control+Enter")
    said(page, "saved")
    assert edits(server) == {"display_name": "named", "notes": "noted", "tags": ["baseline", "one", "two"]}


def test_an_empty_name_is_the_folders_again(browse: Browse, server: Server) -> None:
    server.patch({"run_id": "sweep/r1", "display_name": "x"})
    page = browse(server, R1)
    page.get_by_label("Name", exact=True).fill("")
    save(page)
    assert edits(server)["display_name"] is None
    assert page.locator(".title-line h2").inner_text() == "r1"
    assert page.get_by_label("Name", exact=True).input_value() == "r1"


def test_what_is_typed_survives_every_update_with_the_cursor_in_it(browse: Browse, server: Server) -> None:
    page = browse(server, R1)
    type_notes(page, "half a sente")
    page.keyboard.press("ArrowLeft")
    for tag in ("first", "second"):
        server.patch({"run_id": "sweep/r1", "tags": [tag]})
        page.locator(".tag-list li", has_text=tag).wait_for()
    page.keyboard.type("[x]")
    assert page.get_by_label("Notes", exact=True).input_value() == "half a sent[x]e"


def test_what_is_typed_survives_other_runs_and_a_reload(browse: Browse, server: Server) -> None:
    page = browse(server, R1)
    type_notes(page, "not done yet")
    page.get_by_role("button", name="older run").click()
    assert page.get_by_label("Notes", exact=True).input_value() == ""
    page.reload()
    page.get_by_text("Not saved yet in 1 other run").wait_for()
    page.locator(".editor").get_by_role("button", name="r1").click()
    assert page.get_by_label("Notes", exact=True).input_value() == "not done yet"
    save(page)
    assert edits(server) == {"notes": "not done yet"}
    page.reload()
    page.get_by_label("Notes", exact=True).wait_for()
    assert page.get_by_text("Not saved yet").is_hidden()


def test_what_is_typed_while_a_save_is_on_its_way_is_not_taken_for_somebody_elses(
    browse: Browse, server: Server
) -> None:
    page = browse(server, R1)
    held: list[Any] = []
    page.route("**/api/run-meta", lambda route: held.append(route))  # noqa: PLW0108 - a builtin would not do
    type_notes(page, "first")
    page.get_by_role("button", name="Save", exact=True).click()
    said(page, "saving …")
    page.keyboard.press("Control+End")
    page.get_by_label("Notes", exact=True).press("End")
    page.keyboard.type(", second")
    held[0].continue_()
    page.unroute("**/api/run-meta")
    said(page, "notes not saved (Ctrl Enter)")
    assert page.locator(".conflict").count() == 0
    save(page)
    assert edits(server) == {"notes": "first, second"}


def test_what_was_typed_of_a_run_that_is_removed_can_still_be_read(browse: Browse, server: Server) -> None:
    page = browse(server, R1)
    type_notes(page, "precious")
    shutil.rmtree(server.tree.root / "sweep/r1")
    page.locator(".empty", has_text="is no more").wait_for()
    assert page.locator(".empty pre").inner_text() == "precious"


def test_two_editors_at_once_are_shown_each_others_texts(browse: Browse, server: Server) -> None:
    one, other = browse(server, R1), browse(server, R1)
    type_notes(one, "of one")
    type_notes(other, "of the other")
    save(one)
    conflict = other.locator(".conflict")
    conflict.wait_for()
    assert conflict.locator("pre").inner_text() == "of one"
    assert other.get_by_label("Notes", exact=True).input_value() == "of the other"
    assert other.get_by_role("button", name="Save", exact=True).is_disabled()
    conflict.get_by_role("button", name="Put both together").click()
    assert other.get_by_label("Notes", exact=True).input_value() == "of one\nof the other"
    assert conflict.count() == 0
    save(other)
    assert edits(server) == {"notes": "of one\nof the other"}
    one.wait_for_function("() => document.getElementById('edit-notes').value === 'of one\\nof the other'")


@pytest.mark.parametrize(("choice", "stored"), [("Save mine", "mine"), ("Keep theirs", "theirs")])
def test_a_conflict_is_decided_by_the_person(browse: Browse, server: Server, choice: str, stored: str) -> None:
    page = browse(server, R1)
    type_notes(page, "mine")
    server.patch({"run_id": "sweep/r1", "notes": "theirs"})
    page.get_by_role("button", name=choice).click()
    if stored == "mine":
        said(page, "saved")
    assert page.locator(".conflict").count() == 0
    assert page.get_by_label("Notes", exact=True).input_value() == stored
    assert edits(server) == {"notes": stored}


def test_an_edit_that_comes_too_late_is_told_so_by_the_server(browse: Browse, server: Server) -> None:
    """The page has not heard of the other edit yet: it follows nothing."""
    page = browse(server, R1)
    page.route("**/api/runs?since=*", lambda route: route.abort())
    type_notes(page, "mine")
    server.patch({"run_id": "sweep/r1", "notes": "theirs"})
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("changed meanwhile").first.wait_for()
    assert edits(server) == {"notes": "theirs"}
    page.unroute("**/api/runs?since=*")
    page.get_by_role("button", name="Save mine").click()
    said(page, "saved")
    assert edits(server) == {"notes": "mine"}


def test_names_and_notes_of_two_people_do_not_get_in_each_others_way(browse: Browse, server: Server) -> None:
    one, other = browse(server, R1), browse(server, R1)
    type_notes(one, "noted")
    other.get_by_label("Name", exact=True).fill("named")
    save(one)
    save(other)
    assert edits(server) == {"display_name": "named", "notes": "noted"}


def test_tags_of_two_people_come_together(browse: Browse, server: Server) -> None:
    one, other = browse(server, R1), browse(server, R1)
    for page, tag in ((one, "of-one"), (other, "of-the-other")):
        page.get_by_label("Tags", exact=True).fill(tag)
    one.get_by_label("Tags", exact=True).press("Enter")
    other.get_by_label("Tags", exact=True).press("Enter")
    for page in (one, other):
        page.wait_for_function("() => document.querySelectorAll('.tag-list li').length === 3")
    assert set(edits(server)["tags"]) == {"baseline", "of-one", "of-the-other"}
    one.get_by_role("button", name="take the tag baseline away").click()
    other.wait_for_function("() => document.querySelectorAll('.tag-list li').length === 2")
    assert "baseline" not in tags(other)


def test_archived_runs_leave_the_list_and_come_back(browse: Browse, server: Server) -> None:
    page = browse(server, "#o=name&v=run&r=sweep/r1")
    page.get_by_role("button", name="Archive", exact=True).click()
    page.locator(".grid .who", has_text="r1").wait_for(state="detached")
    assert edits(server) == {"archived": True}
    assert page.locator(".title-line .tag").inner_text() == "archived"
    toggle = page.get_by_role("button", name="1 archived")
    toggle.click()
    assert page.locator(".grid .who", has_text="r1").count() == 1
    assert page.evaluate("location.hash") == "#v=run&ar&o=name&r=sweep/r1"
    page.get_by_role("button", name="Restore", exact=True).click()
    toggle.wait_for(state="hidden")
    assert edits(server) == {"archived": False}


def test_x_archives_the_row_and_undo_restores_it(browse: Browse, server: Server) -> None:
    page = browse(server, "#o=name")
    page.locator(".grid tbody .who").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("x")
    notice = page.locator(".notice")
    notice.get_by_text("Archived r1.").wait_for()
    assert [text.strip() for text in page.locator(".grid tbody .who").all_inner_texts()] == ["r2", "r3"]
    notice.get_by_role("button", name="Undo").click()
    page.locator(".grid .who", has_text="r1").wait_for()
    assert edits(server) == {"archived": False}


def test_x_and_e_do_nothing_where_no_run_is_meant(browse: Browse, server: Server) -> None:
    """On a group's row, and without a row or a run in view."""
    page = browse(server, "#by=seed&o=name")
    page.locator(".grid tr.group").first.wait_for()
    for key in "xe":
        page.keyboard.press(key)
    page.keyboard.press("j")
    for key in "xe":
        page.keyboard.press(key)
    assert page.get_by_role("tab", selected=True).inner_text() == "Curves"
    assert not any(row["archived"] for row in server.rows().values())
    assert page.locator(".notice:visible").count() == 0


def test_archived_runs_are_hidden_at_first_and_the_address_can_say_otherwise(browse: Browse, server: Server) -> None:
    server.patch({"run_id": "r3", "archived": True})
    page = browse(server)
    names = page.locator(".grid tbody .who")
    page.get_by_text("2 of 3 runs").wait_for()
    assert names.count() == 2
    page.get_by_label("Filter runs").fill("archived")
    page.get_by_text("1 of 3 runs").wait_for()
    browse(server, "#ar").locator(".grid tbody .who").nth(2).wait_for()


def test_a_folder_that_cannot_be_written_keeps_what_was_typed(browse: Browse, server: Server) -> None:
    (server.tree.root / "sweep/r1/annotations.json").mkdir()  # root may write everywhere, but not this
    page = browse(server, R1)
    type_notes(page, "precious")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".editor .bad", has_text="Not saved: ").wait_for()
    assert "annotations.json" in page.locator(".editor .bad").last.inner_text()
    assert page.get_by_label("Notes", exact=True).input_value() == "precious"
    page.get_by_label("Tags", exact=True).fill("kept")
    page.get_by_label("Tags", exact=True).press("Enter")
    page.get_by_text("Not stored: ").wait_for()
    assert page.get_by_label("Tags", exact=True).input_value() == "kept"
    (server.tree.root / "sweep/r1/annotations.json").rmdir()
    save(page)
    assert edits(server)["notes"] == "precious"


def test_a_server_that_is_gone_keeps_what_was_typed(browse: Browse, server: Server) -> None:
    page = browse(server, R1)
    type_notes(page, "precious")
    page.route("**/api/run-meta", lambda route: route.abort())
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Not saved: the server does not answer").wait_for()
    page.unroute("**/api/run-meta")
    save(page)
    assert edits(server) == {"notes": "precious"}


def test_what_the_server_refuses_is_said(browse: Browse, server: Server) -> None:
    page = browse(server, R1)
    page.get_by_label("Name", exact=True).fill("x" * 501)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Not saved: a name takes up to 500 characters, not 501").wait_for()


def test_nobody_edits_what_is_read_only(browse: Browse, tree: Tree) -> None:
    tree.run("r1", notes="looks <b>odd</b>", tags=["baseline"])
    with served([tree.root], read_only=True) as server:
        server.until(lambda: len(server.rows()) == 1)
        page = browse(server, "#v=run&r=r1")
        page.get_by_text("Nobody edits here").wait_for()
        assert page.locator(".editor, textarea").count() == 0
        assert page.locator(".notes").inner_text() == "looks <b>odd</b>"
        assert page.get_by_role("button", name="Archive").count() == 0
        page.keyboard.press("x")
        page.keyboard.press("?")
        assert page.get_by_role("heading", name="Editing").count() == 0


@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_while_two_disagree(browse: Browse, server: Server, *, dark: bool, width: int) -> None:
    page = browse(server, R1, dark=dark, width=width, bypass_csp=True)
    type_notes(page, "mine")
    server.patch({"run_id": "sweep/r1", "notes": "theirs"})
    page.locator(".conflict").wait_for()
    page.get_by_role("button", name="Archive", exact=True).click()
    page.locator(".notice").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_run_that_somebody_edits_stays_whatever_comes(browse: Browse, server: Server) -> None:
    """Nobody has chosen it: it is the first of those that are selected by themselves."""
    page = browse(server, "#v=run")
    shown = page.locator(".title-line h2").inner_text()
    type_notes(page, "of this one")
    server.patch({"run_id": {"r1": "sweep/r1", "r2": "sweep/r2", "r3": "r3"}[shown], "archived": True})
    page.locator(".title-line .tag", has_text="archived").wait_for()
    assert page.locator(".title-line h2").inner_text() == shown
    assert page.get_by_label("Notes", exact=True).input_value() == "of this one"
