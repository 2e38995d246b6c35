"""Edits over HTTP beyond the peer's: what they are based on, what the disk refuses, many editors at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from spt_cli import read_run
from spt_cli.tree.edits import edit
from tests.servers import Server, ours, spt_serve
from tests.shell import spt
from tests.trees import Tree


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Over a tree in which each test makes runs of its own."""
    with ours([tmp_path_factory.mktemp("runs")]) as serving:
        yield serving


def test_an_edit_of_what_somebody_else_has_changed_is_told_so(server: Server) -> None:
    server.run("meeting", notes="old", display_name="old")
    seen = server.rows()["meeting"]["version"]
    assert server.patch({"run_id": "meeting", "notes": "hers"}, if_match=f'"{seen}"').status_code == 200
    answer = server.patch({"run_id": "meeting", "notes": "mine"}, if_match=f'"{seen}"')
    assert (answer.status_code, answer.json()["current"]) == (409, {"notes": "hers"})
    assert server.rows()["meeting"]["notes"] == "hers"
    assert server.patch({"run_id": "meeting", "display_name": "mine"}, if_match=f'"{seen}"').status_code == 200
    assert server.patch({"run_id": "meeting", "notes": "mine"}, if_match="*").status_code == 200


@pytest.mark.parametrize("seen", ['""', "", '"x"', "undefined", '"*"x', '"a", "b"', "x" * 10_000, "W/"])
def test_an_edit_that_lies_about_what_it_saw_is_one_of_what_somebody_has_changed(server: Server, seen: str) -> None:
    if "lied" not in server.rows():
        server.run("lied", notes="old")
    answer = server.patch({"run_id": "lied", "notes": "mine"}, if_match=seen)
    assert (answer.status_code, answer.json()["current"]) == (409, {"notes": "old"})


def test_who_is_told_of_a_conflict_finds_what_is_there_now(tree: Tree) -> None:
    """Another server or a shell edited a run that has ended, whose turn to be looked at is far away."""
    folder = tree.run("r", notes="old")
    tree.settle()
    with ours([tree.root], sweep=1e9) as server:
        server.until(lambda: "r" in server.rows())
        seen = server.rows()["r"]["version"]
        edit(str(folder), {"notes": "theirs"})
        assert server.patch({"run_id": "r", "notes": "mine"}, if_match=seen).status_code == 409
        server.until(lambda: server.rows()["r"]["notes"] == "theirs")


def test_an_edit_that_the_disk_refuses_is_500_with_the_reason(server: Server) -> None:
    folder = server.run("refused")
    (folder / "annotations.json").mkdir()
    answer = server.patch({"run_id": "refused", "notes": "x"})
    assert answer.status_code == 500
    assert str(folder / "annotations.json") in answer.json()["error"]


def test_an_edit_of_a_run_that_is_just_gone_is_404(tree: Tree) -> None:
    folder = tree.run("gone")
    with ours([tree.root], sweep=1e9) as server:
        server.until(lambda: "gone" in server.rows())
        (folder / "sidecar.json").unlink()
        assert server.patch({"run_id": "gone", "notes": "x"}).status_code == 404


def test_an_edit_of_an_ended_run_shows_though_its_turn_is_far_away(tree: Tree) -> None:
    tree.run("ended")
    tree.settle()
    with ours([tree.root], sweep=1e9) as server:
        server.until(lambda: "ended" in server.rows())
        assert server.patch({"run_id": "ended", "notes": "x"}).status_code == 200
        assert server.rows()["ended"]["notes"] == "x"


def test_an_edit_of_a_root_that_is_a_run_shows(tree: Tree) -> None:
    tree.run(".")
    with ours([tree.root]) as server:
        server.until(lambda: "runs" in server.rows())
        assert server.patch({"run_id": "runs", "notes": "x"}).status_code == 200
        assert server.rows()["runs"]["notes"] == "x"


def test_a_server_can_be_told_to_edit_nothing(tree: Tree) -> None:
    tree.run("r")
    with ours([tree.root], read_only=True) as server:
        server.until(lambda: "r" in server.rows())
        answer = server.patch({"run_id": "r", "notes": "x"})
        assert (answer.status_code, "--read-only" in answer.json()["error"]) == (403, True)
        assert not (tree.root / "r" / "annotations.json").exists()


@pytest.mark.parametrize(
    "body", [b"[" * 60_000, b'{"run_id": "r", "notes": ' + b"[" * 60_000, b'{"a": NaN}', "{}".encode("utf-16")]
)
def test_json_that_is_a_trap_is_400(server: Server, body: bytes) -> None:
    assert server.patch(body).status_code == 400


# Several editors, and a disk that is full


@pytest.mark.big
def test_two_servers_and_a_shell_that_edit_one_run_at_once_lose_no_edit(tree: Tree) -> None:
    """Each adds tags to those that it has seen, and looks again when it is told that somebody was quicker."""
    tree.run("r", tags=["first"])
    with spt_serve(tree.root) as one, spt_serve(tree.root) as other, ThreadPoolExecutor(3) as editors:
        for server in (one, other):
            server.until(partial(_knows, server))
        jobs = [
            editors.submit(lambda: [_added(one, f"one-{number}") for number in range(5)]),
            editors.submit(lambda: [_added(other, f"other-{number}") for number in range(5)]),
            editors.submit(lambda: [spt("edit", tree.root / "r", "--tag", f"shell-{n}").code for n in range(5)]),
        ]
        assert [job.result() for job in jobs] == [[200] * 5, [200] * 5, [0] * 5]
    wanted = {"first"} | {f"{who}-{number}" for who in ("one", "other", "shell") for number in range(5)}
    assert set(read_run(tree.root / "r").tags) == wanted
    assert sorted(os.listdir(tree.root / "r")) == ["annotations.json", "sidecar.json"]


def _knows(server: Server) -> bool:
    return "r" in server.rows()


def _added(server: Server, tag: str) -> int:
    status = 409
    while status == 409:
        seen = server.rows()["r"]
        status = server.patch({"run_id": "r", "tags": [*seen["tags"], tag]}, if_match=seen["version"]).status_code
    return status


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs root that may mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_an_edit_on_a_full_disk_changes_nothing_and_says_what_to_do(small: Path) -> None:
    folder = Tree(small).run("r", notes="old")
    with ours([small]) as server:
        server.until(lambda: "r" in server.rows())
        room = os.statvfs(small)
        (small / "full").write_bytes(bytes(room.f_bavail * room.f_frsize))
        answer = server.patch({"run_id": "r", "notes": "x" * 9_000})
        assert (answer.status_code, server.rows()["r"]["notes"], os.listdir(folder)) == (500, "old", ["sidecar.json"])
        assert answer.json()["error"].endswith("No space left on device: make room on that disk; nothing was changed")
        (small / "full").unlink()
        assert server.patch({"run_id": "r", "notes": "new"}).status_code == 200
