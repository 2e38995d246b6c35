"""Media in the page of a server: fetched when they are near, a step at a time, new ones as they are logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.served import served
from tests.browser.test_axe import violations
from tests.images import image
from tests.servers import Server
from tests.trees import Tree

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Browse

pytestmark = [pytest.mark.browser]

ALIVE = 2_000_000_000.0  # a heartbeat that is never old
CLIP = Path(__file__).parents[1] / "data" / "clip.webm"
COLORS = {"a": (200, 40, 40), "b": (40, 40, 200), "c": (1, 2, 3)}
BOTH = "#v=media&s=a,b"


@pytest.fixture
def server(tree: Tree) -> Iterator[Server]:
    """Two runs that go on, with two images at each of three steps, one of a tag of its own, and a video."""
    for name in ("a", "b"):
        tree.run(name, status="running", heartbeat=ALIVE)
        for step in (0, 50, 100):
            log(tree, name, step)
    tree.write("a/media/extra.png", image(300, 200))
    tree.write("a/media/clip.webm", CLIP.read_bytes())
    append(tree, "a", {"step": 7, "tag": "extra", "type": "image", "path": "media/extra.png", "caption": None})
    append(tree, "a", {"step": 7, "tag": "film", "type": "video", "path": "media/clip.webm", "caption": None, "fps": 8})
    with served([tree.root]) as serving:
        serving.until(lambda: all(row["has_media"] for row in serving.rows().values()) and len(serving.rows()) == 2)
        yield serving


def append(tree: Tree, run: str, event: dict[str, Any]) -> None:
    """Adds an event to what *run* logged."""
    with Path(tree.root, run, "media.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")


def log(tree: Tree, run: str, step: int) -> None:
    """Two images of a step, as the logger writes them."""
    for number in (0, 1):
        path = f"media/recon/{step}_{number}.png"
        tree.write(f"{run}/{path}", image(32, 32, color=COLORS[run]))
        append(tree, run, {"step": step, "tag": "recon", "type": "image", "path": path, "caption": f"c{step}_{number}"})


def captions(page: Page, expected: list[str]) -> None:
    """Until these are shown, of all runs from left to right."""
    page.wait_for_function(
        "expected => [...document.querySelectorAll('.media-run figcaption')].filter(one => !one.hidden)"
        ".map(one => one.textContent).join() === expected",
        arg=",".join(expected),
    )


def step(number: int) -> list[str]:
    """The captions of both runs at a step."""
    return [f"c{number}_0", f"c{number}_1"] * 2


def test_runs_stand_side_by_side_at_the_newest_step(server: Server, browse: Browse) -> None:
    page = browse(server, BOTH + "&md=recon")
    captions(page, step(100))
    assert page.locator(".media-run h3").all_inner_texts() == ["a", "b"]
    page.wait_for_function("() => [...document.querySelectorAll('.picture img')].every(one => one.naturalWidth === 32)")
    assert page.get_by_role("slider", name="Step").get_attribute("aria-valuetext") == "step 100"
    assert page.locator(".picture img.tiny").count() == 4


def test_a_new_step_is_shown_where_the_slider_stood_at_the_end(server: Server, browse: Browse) -> None:
    page = browse(server, BOTH + "&md=recon")
    captions(page, step(100))
    log(server.tree, "a", 150)
    captions(page, ["c150_0", "c150_1", "c100_0", "c100_1"])
    log(server.tree, "b", 150)
    captions(page, step(150))
    assert page.get_by_role("slider", name="Step").get_attribute("aria-valuetext") == "step 150"


def test_a_slider_that_stood_elsewhere_stays_there(server: Server, browse: Browse) -> None:
    page = browse(server, BOTH + "&md=recon,50")
    captions(page, step(50))
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "media-file" in request.url else None)
    log(server.tree, "a", 150)
    page.wait_for_function("() => document.querySelector('[aria-label=Step]').max === '3'")
    captions(page, step(50))
    assert slider.get_attribute("aria-valuetext") == "step 50"
    assert slider.evaluate("element => element === document.activeElement")
    assert asked == []  # what is shown is not fetched again
    slider.press("End")
    captions(page, ["c150_0", "c150_1", "c100_0", "c100_1"])
    assert page.url.endswith("md=recon,")
    log(server.tree, "b", 200)
    captions(page, ["c150_0", "c150_1", "c200_0", "c200_1"])


def test_the_image_before_stays_until_the_next_has_come(server: Server, browse: Browse) -> None:
    page = browse(server, BOTH + "&md=recon")
    captions(page, step(100))
    page.wait_for_function("() => [...document.querySelectorAll('.picture img')].every(one => one.complete)")
    page.locator(".picture img").first.evaluate("image => { image.own = true; }")
    page.get_by_role("button", name="step before").first.click()
    captions(page, step(50))
    assert page.locator(".picture img").first.evaluate("image => image.own && image.naturalWidth === 32")


def test_only_what_is_near_is_fetched(server: Server, browse: Browse) -> None:
    for number in range(200):
        path = f"media/many/{number}.png"
        server.tree.write(f"b/{path}", image(300, 200))
        append(server.tree, "b", {"step": 1, "tag": "many", "type": "image", "path": path, "caption": None})
    page = browse(server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "media-file" in request.url else None)
    page.goto(f"http://127.0.0.1:{server.port}/#v=media&s=b&md=many")
    page.reload()
    page.wait_for_function("() => document.querySelectorAll('.picture').length === 200")
    page.wait_for_function("() => document.querySelector('.picture img').naturalWidth === 300")
    assert 0 < len(asked) < 120


def test_a_video_has_its_first_picture_and_parts_of_it_are_asked_for(server: Server, browse: Browse) -> None:
    page = browse(server, BOTH + "&md=film")
    page.wait_for_function("() => document.querySelector('video')?.videoWidth === 32")
    assert page.locator("video").evaluate("video => [video.paused, video.muted, video.controls]") == [True, True, True]
    assert page.get_by_role("region", name="b").get_by_text("nothing of this tag").is_visible()


def test_the_large_view_leads_through_runs_and_steps(server: Server, browse: Browse) -> None:
    page = browse(server, BOTH + "&md=recon")
    captions(page, step(100))
    page.get_by_role("button", name="enlarge").nth(1).click()
    box = page.get_by_role("dialog", name="Image")
    titles = [box.locator("h2").inner_text()]
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        titles.append(box.locator("h2").inner_text())
    assert titles == [
        *("a, step 100, 2 of 4", "b, step 100, 3 of 4", "b, step 50, 3 of 4", "b, step 0, 3 of 4"),
        *("b, step 0, 3 of 4", "a, step 0, 2 of 4", "a, step 50, 2 of 4"),
    ]
    captions(page, step(50))  # of the page below
    page.keyboard.press("s")
    assert box.locator("h2").inner_text() == "2 runs, step 50"
    assert box.locator("img").all() != []
    names = box.locator("img").evaluate_all("images => images.map(image => image.alt)")
    assert names == ["recon, step 50, a: c50_1", "recon, step 50, b: c50_1"]
    page.keyboard.press("Escape")
    assert box.is_hidden()
    page.wait_for_function("() => !document.querySelector('dialog img')")  # emptied at the event that follows closing


def test_the_large_view_follows_what_comes(server: Server, browse: Browse) -> None:
    page = browse(server, "#v=media&s=a&md=recon")
    captions(page, ["c100_0", "c100_1"])
    page.get_by_role("button", name="enlarge").nth(1).click()
    heading = page.get_by_role("dialog", name="Image").locator("h2")
    assert heading.inner_text() == "a, step 100, 2 of 2"
    log(server.tree, "a", 150)
    page.wait_for_function("() => document.querySelector('dialog[open] h2').textContent === 'a, step 150, 2 of 2'")


def test_a_file_that_is_not_there_is_said_and_shown_when_it_is(server: Server, browse: Browse) -> None:
    append(server.tree, "a", {"step": 9, "tag": "late", "type": "image", "path": "media/late.png", "caption": None})
    page = browse(server, BOTH + "&md=late")
    page.get_by_text("This file is not there, or no image that this browser shows.").wait_for()
    server.tree.write("a/media/late.png", image(300, 200))
    log(server.tree, "a", 300)
    page.wait_for_function("() => document.querySelector('.media-run img')?.naturalWidth === 300")
    assert page.get_by_text("This file is not there").is_hidden()


def test_files_that_could_do_something_do_nothing(server: Server, browse: Browse) -> None:
    script = '<svg xmlns="http://www.w3.org/2000/svg" onload="parent.hacked=1"><script>parent.hacked=1</script></svg>'
    for number, (name, kind) in enumerate(
        [("x.svg", "image"), ("x.html", "image"), ("x.html", "video"), ("x.html", "page")]
    ):
        server.tree.write(f"a/media/{name}", script)
        append(
            server.tree, "a", {"step": number, "tag": "bad", "type": kind, "path": f"media/{name}", "caption": script}
        )
    page = browse(server, "#v=media&s=a&md=bad")
    captions(page, [script])
    link = page.get_by_role("link", name="save")
    with page.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename == "x.html"
    for _ in range(3):
        page.get_by_role("button", name="step before").first.click()
    page.wait_for_function("() => document.querySelector('[aria-label=Step]').value === '0'")
    assert page.evaluate("() => window.hacked") is None


def test_media_of_a_run_that_had_none_are_shown_when_they_come(server: Server, browse: Browse) -> None:
    server.run("c", status="running", heartbeat=ALIVE)
    page = browse(server, "#v=media&s=c")
    page.get_by_text("The selected runs logged no images or videos.").wait_for()
    log(server.tree, "c", 5)
    captions(page, ["c5_0", "c5_1"])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(server: Server, browse: Browse, *, dark: bool) -> None:
    page = browse(server, BOTH + "&md=recon", dark=dark, bypass_csp=True)
    captions(page, step(100))
    assert violations(page) == []
    page.get_by_role("button", name="enlarge").first.click()
    page.keyboard.press("s")
    assert violations(page) == []
