"""Pictures in a report: which ones, how many bytes, and what is never embedded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spt_cli.exported.document import Picture
from spt_cli.report.media import Pictures, pictures, spread
from spt_cli.tree.snapshot import scan
from tests.images import image
from tests.trees import NOW, Tree

PLENTY = 10_000_000
LONG_AGO = 1_700_000_000.0  # s since 1970; what just changed is not kept


def log(tree: Tree, run: str, *events: tuple[int, str, str, bytes], kind: str = "image", **more: str) -> None:
    """Logs events (step, tag, file name, content) of *run*."""
    lines = []
    for step, tag, name, content in events:
        tree.write(f"{run}/media/{name}", content, at=LONG_AGO)
        lines.append(json.dumps({"step": step, "tag": tag, "type": kind, "path": f"media/{name}"} | more))
    path = tree.root / run / "media.jsonl"
    before = path.read_text() if path.exists() else ""
    tree.write(f"{run}/media.jsonl", before + "".join(line + "\n" for line in lines))


def shown(tree: Tree, budget: int = PLENTY, cache: Path | None = None) -> Pictures:
    """The pictures of all runs, those of the first id matter most."""
    runs = scan(tree.root, now=NOW).runs
    return pictures([(place, runs[run_id]) for place, run_id in enumerate(sorted(runs))], budget, cache)


def test_an_image_is_embedded_small(tree: Tree) -> None:
    tree.run("r")
    log(tree, "r", (3, "val/x", "a.png", image(640, 480)), caption="a caption")
    ((found,),) = shown(tree).media.values()
    assert found.src
    assert found.src.startswith("data:image/webp;base64,")
    assert (found.step, found.tag, found.type, found.caption) == (3, "val/x", "image", "a caption")
    assert (found.width, found.height, found.why) == (320, 240, None)


def test_pictures_stand_in_the_order_of_steps(tree: Tree) -> None:
    tree.run("r")
    log(tree, "r", *((step, tag, f"{tag}{step}.png", image()) for step in (4, 0, 2) for tag in "ab"))
    assert [(one.step, one.tag) for one in shown(tree).media[0]] == [
        (0, "a"),
        (0, "b"),
        (2, "a"),
        (2, "b"),
        (4, "a"),
        (4, "b"),
    ]


@pytest.mark.parametrize(
    ("steps", "order"),
    [([5], [5]), ([5, 6], [6, 5]), ([0, 1, 2, 3, 4], [4, 0, 2, 1, 3]), ([0, 1, 2, 3, 4, 5], [5, 0, 2, 1, 3, 4])],
)
def test_the_last_step_goes_first_then_the_first_then_those_between(steps: list[int], order: list[int]) -> None:
    assert spread(steps) == order


def test_of_many_steps_some_are_shown() -> None:
    found = spread(list(range(1000)))
    assert len(found) == len(set(found)) == 16
    assert found[:3] == [999, 0, 466]
    assert sorted(spread(range(31))) == list(range(0, 31, 2))


def test_the_budget_holds_and_the_last_steps_come_first(tree: Tree) -> None:
    for run in "ab":
        tree.run(run)
        log(tree, run, *((step, "x", f"{step}.png", image(300, 300, color=(step, 80, 20))) for step in range(5)))
    one = len(shown(tree).media[0][0].src or "")
    found = shown(tree, 3 * one + one // 2)
    kept = {place: [each.step for each in some if each.src] for place, some in found.media.items()}
    assert kept == {0: [0, 4], 1: [4]}
    assert {each.why for some in found.media.values() for each in some if not each.src} == {"no room (--media)"}
    assert found.left_out == ("7 pictures: no room (--media)",)


def test_what_does_not_fit_is_not_decoded_over_and_over(tree: Tree, tmp_path: Path) -> None:
    tree.run("r")
    log(tree, "r", *((step, "x", f"{step}.png", image(300, 300)) for step in range(9)))
    assert shown(tree, 1, tmp_path).left_out == ("9 pictures: no room (--media)",)
    assert len(list(tmp_path.glob("*"))) == 1 + 1  # the tree, and the one that was decoded


def test_without_a_budget_nothing_is_looked_at(tree: Tree, tmp_path: Path) -> None:
    tree.run("r")
    log(tree, "r", (0, "x", "a.png", image()))
    tree.run("s")
    assert shown(tree, 0, tmp_path) == Pictures({}, ("pictures of 1 run (--media 0)",))
    assert len(list(tmp_path.glob("*"))) == 1  # the tree


def test_of_many_steps_the_others_are_counted(tree: Tree) -> None:
    tree.run("r")
    log(tree, "r", *((step, "x", f"{step}.png", image()) for step in range(40)))
    found = shown(tree)
    assert len(found.media[0]) == 16
    assert found.left_out == ("24 pictures: between those that are shown, 16 steps of a tag and 16 of a step",)


def test_a_long_list_of_what_is_not_shown_is_cut(tree: Tree) -> None:
    tree.run("r")
    log(tree, "r", *((step, f"t{tag}", "x.png", b"no image") for tag in range(60) for step in range(16)))
    found = shown(tree)
    assert len(found.media[0]) == 500
    assert found.left_out == ("960 pictures: cannot be decoded",)


def test_files_that_are_not_there_or_elsewhere_are_not_shown(tree: Tree, tmp_path: Path) -> None:
    folder = tree.run("r")
    (tmp_path / "secret.png").write_bytes(image())
    (folder / "media").mkdir()
    (folder / "media" / "link.png").symlink_to(tmp_path / "secret.png")
    events = ["media/absent.png", "media/link.png", "../../secret.png", str(tmp_path / "secret.png")]
    lines = (json.dumps({"step": 0, "tag": "x", "type": "image", "path": path}) for path in events)
    tree.write("r/media.jsonl", "\n".join(lines) + "\n")
    found = shown(tree)
    assert [one.src for one in found.media[0]] == [None] * 4
    assert found.left_out == ("4 pictures: cannot be read",)


@pytest.mark.parametrize(
    ("kind", "name"), [("image", "a.svg"), ("image", "a.SVG"), ("audio", "a.wav"), ("html", "a.html")]
)
def test_what_could_run_is_not_shown(kind: str, name: str, tree: Tree) -> None:
    tree.run("r")
    log(tree, "r", (0, "x", name, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), kind=kind)
    assert shown(tree).media[0] == (Picture(0, "x", kind, why="of a kind that is not shown"),)


@pytest.mark.parametrize(
    ("data", "uri", "kind"),
    [
        (b"\0\0\0\x18ftypmp42", "data:video/mp4;base64,", "video"),
        (b"\x1a\x45\xdf\xa3webm", "data:video/webm;base64,", "video"),
        (b"GIF89a...", "data:image/gif;base64,", "image"),
    ],
)
def test_small_videos_are_embedded_as_they_are(data: bytes, uri: str, kind: str, tree: Tree) -> None:
    tree.run("r")
    log(tree, "r", (0, "x", "a.mp4", data), kind="video", format="mp4")
    (found,) = shown(tree).media[0]
    assert (found.src or "").startswith(uri)
    assert found.type == kind


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"<html>", "a video of a kind that not every browser plays"), (bytes(600_000), "a video of more than 524 kB")],
)
def test_other_videos_are_not(data: bytes, why: str, tree: Tree) -> None:
    tree.run("r")
    log(tree, "r", (0, "x", "a.mp4", data), kind="video")
    assert shown(tree).media[0] == (Picture(0, "x", "video", why=why),)


def test_a_second_report_decodes_nothing_again(tree: Tree, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    tree.run("r")
    log(tree, "r", (0, "x", "a.png", image(400, 300)), (1, "x", "b.png", b"no image"))
    first = shown(tree, cache=cache)
    assert len(list(cache.iterdir())) == 1
    assert shown(tree, cache=cache) == first == shown(tree)
    tree.write("r/media/a.png", image(300, 400), at=LONG_AGO + 1)
    assert shown(tree, cache=cache).media[0][0].height == 320


def test_runs_without_media(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/media.jsonl", "")
    assert shown(tree) == Pictures({}, ())
