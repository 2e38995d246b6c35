"""The page as a folder: which files there are, and that nothing but data stands in the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spt_cli.render import html, site, split
from tests.browser.exports import reported


@pytest.fixture(scope="module")
def folder(real_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real runs as a folder of files."""
    top = tmp_path_factory.mktemp("split")
    for name, data in split.files(reported(real_runs)).items():
        path = top / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return top


def test_the_files_are_page_script_style_and_pictures(folder: Path) -> None:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    assert [name for name in names if not name.startswith("images/")] == ["images", "index.html", "page.css", "page.js"]
    kinds = {name.rpartition(".")[2]: (folder / name).read_bytes() for name in names if name.startswith("images/")}
    assert sorted(kinds) == ["svg", "webp"]
    assert kinds["webp"][8:12] == b"WEBP"
    assert kinds["svg"] == site.icon()  # of the page, which names it
    assert b'<link rel="icon" href="images/' in (folder / "index.html").read_bytes()
    assert all(split.owned(folder, name) for name in names)


@pytest.mark.parametrize(
    "path", ["notes.txt", "page.js", "page.css", "index.html", "images", "images/cat.webp", f"images/{'0' * 16}.webp"]
)
def test_other_files_are_not_ours_whatever_their_names(path: str, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"somebody's")
    assert not split.owned(tmp_path, path)


def test_nothing_stands_inline_but_data(folder: Path) -> None:
    page = (folder / "index.html").read_text("utf-8")
    assert re.findall(r"<style|style=|\son\w+=|javascript:", page) == []
    inert = {"application/json", "application/octet-stream"}
    scripts = re.findall(r"<script([^>]*)>", page)
    assert {re.findall(r'type="([^"]*)"', script)[0] for script in scripts if "src=" not in script} <= inert
    assert [script for script in scripts if "src=" in script] == [' src="page.js"']


def test_every_picture_is_shown_and_every_shown_one_is_there(folder: Path) -> None:
    page = (folder / "index.html").read_text("utf-8")
    assert set(re.findall(r"images/[0-9a-f]+\.\w+", page)) == {f"images/{one.name}" for one in folder.glob("images/*")}
    assert "data:image" not in page


def test_the_page_holds_the_same_data_as_in_one_file(real_runs: Path, folder: Path) -> None:
    """But for the pictures."""
    blocks = [
        dict(re.findall(r'<script type="[^"]*" id="((?!media)[^"]*)">([^<]*)<', page))
        for page in ((folder / "index.html").read_text("utf-8"), b"".join(html.page(reported(real_runs))).decode())
    ]
    assert blocks[0] == blocks[1]
    assert "report" in blocks[0]
