"""Edits over HTTP beyond the peer's: what they are based on, what the disk refuses, many editors at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Server, ours
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
