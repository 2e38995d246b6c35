"""media.jsonl: events, torn and repeated lines; and what a media path may not reach."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.errors import NotFoundError
from spt_cli.media import Media, media_file, read_media
from spt_cli.model import MediaEvent
from tests.trees import Tree


def event(step: int, index: int = 0, caption: str | None = None, tag: str = "recon/x") -> MediaEvent:
    return MediaEvent(step, tag, "image", f"media/{tag.replace('/', '__')}/{step:08d}_{index}.png", caption)


def line(of: MediaEvent) -> str:
    fields = {"step": of.step, "tag": of.tag, "type": of.type, "path": of.path, "caption": of.caption}
    return json.dumps(fields) + "\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "media.jsonl"


def test_the_images_of_a_real_run_are_read(real_runs: Path) -> None:
    found = read_media(real_runs / "cache/runs/20261123/064845/881202/media.jsonl")
    assert found.problems == ()
    assert [(one.step, one.caption) for one in found.events][:3] == [(0, "epoch 0"), (0, "second"), (16, "epoch 0")]
    assert len(found.events) == 8


def test_images_of_one_call_share_step_and_tag(path: Path) -> None:
    events = (event(8, 0), event(8, 1), event(8, 0, tag="other"))
    path.write_text("".join(map(line, events)))
    assert read_media(path) == Media(events)


def test_a_video_has_rate_and_format(path: Path) -> None:
    path.write_text(
        '{"step":1,"tag":"v","type":"video","path":"media/v/1.mp4","caption":null,"fps":30,"format":"mp4"}\n'
    )
    assert read_media(path).events == (MediaEvent(1, "v", "video", "media/v/1.mp4", None, 30, "mp4"),)


def test_what_a_resumed_run_logged_again_stands_once_as_it_was_logged_last(path: Path) -> None:
    events = [event(0), event(8, caption="old"), event(16), event(8, caption="new"), event(16, caption="new")]
    path.write_text("".join(map(line, events)))
    assert read_media(path).events == (event(0), event(8, caption="new"), event(16, caption="new"))


def test_a_call_made_again_with_fewer_images_leaves_none_of_the_first(path: Path) -> None:
    path.write_text("".join(map(line, [event(8, 0), event(8, 1), event(8, 2), event(8, 0), event(8, 1)])))
    assert read_media(path).events == (event(8, 0), event(8, 1))


def test_a_torn_last_line_is_no_problem(path: Path) -> None:
    path.write_text(line(event(0)) + line(event(1))[:-9])
    assert read_media(path) == Media((event(0),))


def test_a_whole_last_line_without_newline_counts(path: Path) -> None:
    path.write_text(line(event(0)).rstrip("\n"))
    assert read_media(path) == Media((event(0),))


def test_a_byte_order_mark_is_no_part_of_the_first_line(path: Path) -> None:
    path.write_text("\ufeff" + line(event(0)))
    assert read_media(path) == Media((event(0),))


@pytest.mark.parametrize(
    "bad",
    [
        "[]",
        "null",
        "7",
        "{}",
        '{"step": 1, "tag',
        '{"step":"1","tag":"a","type":"image","path":"p"}',
        '{"step":1,"tag":null,"type":"image","path":"p"}',
        '{"step":1e999,"tag":"a","type":"image","path":"p"}',
        '{"step":9223372036854775808,"tag":"a","type":"image","path":"p"}',
        '{"step":1,"tag":"\\ud800","type":"image","path":"p"}',
        '{"step":1,"tag":"a","type":"image","path":"p","x":' + "[" * 100_000,
        "\x00\x00",
    ],
)
def test_lines_that_are_no_events_are_counted_and_skipped(path: Path, bad: str) -> None:
    path.write_text(line(event(0)) + bad + "\n\n" + line(event(1)))
    found = read_media(path)
    assert found.events == (event(0), event(1))
    assert [problem.message for problem in found.problems] == ["1 line is no media event, the first is line 2"]


def test_bytes_that_are_not_utf8_are_replaced_and_told(path: Path) -> None:
    path.write_bytes(b'{"step":1,"tag":"caf\xe9","type":"image","path":"p"}\n')
    found = read_media(path)
    assert [one.tag for one in found.events] == ["caf\ufffd"]
    assert [problem.message for problem in found.problems] == ["not UTF-8: some bytes were replaced"]


def test_a_missing_file_is_an_error_of_the_caller(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_media(path)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=20) | st.just(line(event(3)).encode()), max_size=5))
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(b"\n".join(lines))
    found = read_media(path)
    assert set(found.events) <= {event(3)}
    assert (event(3) in found.events) >= (line(event(3)).encode() in lines)


def test_a_media_file_is_found(tree: Tree) -> None:
    found = tree.write("r/media/a/1.png", b"png")
    assert media_file(tree.root / "r", "media/a/1.png") == found


def test_a_link_within_media_is_followed(tree: Tree) -> None:
    found = tree.write("r/media/a/1.png", b"png")
    (tree.root / "r/media/last.png").symlink_to("a/1.png")
    assert media_file(tree.root / "r", "media/last.png") == found


def test_a_linked_run_has_its_media(tree: Tree) -> None:
    found = tree.write("r/media/1.png", b"png")
    (tree.root / "linked").symlink_to("r")
    assert media_file(str(tree.root / "linked"), "media/1.png") == found


@pytest.mark.parametrize(
    "path",
    [
        "",
        "media",
        "media/",
        "media/folder",
        "media/missing.png",
        "media/pipe",
        "media/out.png",
        "media/up/secret",
        "media/loop",
        "media/../sidecar.json",
        "media/../media/1.png",
        "media/1.png/..",
        "sidecar.json",
        "medial/1.png",
        "/etc/passwd",
        "{run}/media/1.png",
        "media/1.png\0",
        "\0",
        "media/\ud800",
        "media/" + "a" * 300,
        "media/1.png/x",
    ],
)
def test_nothing_else_is_reached(tree: Tree, path: str) -> None:
    run = tree.run("r")
    tree.write("r/media/1.png", b"png")
    tree.write("r/media/folder/x.png", b"png")
    tree.write("r/medial/1.png", b"png")
    tree.write("secret", b"secret")
    os.mkfifo(run / "media/pipe")
    (run / "media/out.png").symlink_to("/etc/passwd")
    (run / "media/up").symlink_to("../..")
    (run / "media/loop").symlink_to("loop")
    with pytest.raises(NotFoundError):
        media_file(run, path.replace("{run}", str(run)))


def test_a_media_folder_that_leads_out_opens_nothing(tree: Tree) -> None:
    run = tree.run("r")
    tree.write("elsewhere/1.png", b"png")
    (run / "media").symlink_to("../elsewhere")
    with pytest.raises(NotFoundError):
        media_file(run, "media/1.png")
