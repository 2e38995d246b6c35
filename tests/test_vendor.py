"""What others wrote stands in site/vendor as they published it, with its licence."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from spt_cli import assets

VENDOR = assets.folder("site") / "vendor"
FOLDERS = sorted(path.name for path in VENDOR.iterdir())


def told(folder: Path) -> dict[str, Any]:
    """What VENDOR.toml of *folder* says."""
    with open(folder / "VENDOR.toml", "rb") as file:
        return tomllib.load(file)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_vendored_file_is_as_it_was_published(name: str) -> None:
    files = [path for path in (VENDOR / name).iterdir() if path.name != "VENDOR.toml"]
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == told(VENDOR / name)["sha256"]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_vendored_library_brings_its_licence_and_says_what_it_is(name: str) -> None:
    facts = told(VENDOR / name)
    assert (facts["name"], facts["integrity"][:7], "LICENSE" in facts["sha256"]) == (name, "sha512-", True)


def test_uplot_bears_its_licence_comment() -> None:
    (script,) = (VENDOR / "uplot").glob("*.js")
    assert f"(v{told(VENDOR / 'uplot')['version']})" in script.read_text("utf-8")[:60]
    assert script.read_text("utf-8").startswith("/*! https://github.com/leeoniya/uPlot ")
