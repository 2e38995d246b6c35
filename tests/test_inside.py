"""Opening what lies inside a folder, whatever links are put there meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spt_cli.files.inside import lies_inside, opened_inside


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A folder `top` with a file `a/b`, and a file `secret` beside it."""
    (tmp_path / "top" / "a").mkdir(parents=True)
    (tmp_path / "top" / "a" / "b").write_text("inside")
    (tmp_path / "secret").write_text("outside")
    return tmp_path.resolve() / "top"


def content(top: Path, path: str) -> bytes:
    with opened_inside([str(top)], str(top / path)) as file:
        return file.read(100) or b""


def test_a_file_inside_is_opened_and_links_inside_are_followed(top: Path) -> None:
    (top / "link").symlink_to("a/b")
    (top / "folder").symlink_to("a")
    assert [content(top, path) for path in ("a/b", "link", "folder/b", "a/../a/b", "./a//b")] == [b"inside"] * 5


@pytest.mark.parametrize("path", ["../secret", "out", "way/secret", "a", ".", "", "none", "a/b/c", "/etc/passwd"])
def test_nothing_else_is(top: Path, path: str) -> None:
    (top / "out").symlink_to(top.parent / "secret")
    (top / "way").symlink_to("..")
    with pytest.raises(OSError, match=r"."):
        content(top, path)


def test_a_pipe_is_not_waited_for(top: Path) -> None:
    os.mkfifo(top / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        content(top, "pipe")


@pytest.mark.parametrize("swapped", ["a", "a/b"])
def test_what_is_swapped_for_a_link_after_it_was_looked_at_leads_nowhere(
    top: Path, swapped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (top.parent / "elsewhere").mkdir()
    (top.parent / "elsewhere" / "b").write_text("outside")
    real = os.path.realpath

    def looked_at(path: str, **options: bool) -> str:
        found = real(path, **options)
        (top / swapped).rename(top / "away")
        (top / swapped).symlink_to(top.parent / ("elsewhere" if swapped == "a" else "secret"))
        return found

    monkeypatch.setattr(os.path, "realpath", looked_at)
    with pytest.raises(OSError, match=r"."):
        content(top, "a/b")


def test_a_folder_that_may_be_passed_and_not_listed_is_passed(top: Path) -> None:
    (top / "a").chmod(0o111)
    assert content(top, "a/b") == b"inside"


def test_which_paths_lie_inside(top: Path) -> None:
    (top / "out").symlink_to(top.parent / "secret")
    (top / "way").symlink_to("..")
    (top / "in").symlink_to("a/b")
    paths = ["a/b", "in", "a/none", "out", "way/secret", "../secret", "../top-like"]
    inside = lies_inside([str(top)], [str(top / path) for path in paths])
    assert inside == [True, True, True, False, False, False, False]
    assert lies_inside([str(top), str(top.parent)], [str(top / "../secret")]) == [True]
