"""The pictures of the manual can be taken anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.browser.screenshots import SHOTS, take

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


@pytest.mark.browser
def test_pictures_are_as_large_as_the_window_and_not_blank(chromium: Browser, tmp_path: Path) -> None:
    for path in take(chromium, tmp_path):
        picture = Image.open(path)
        assert picture.size == SHOTS[path.name][:2]
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 100


def test_the_manual_has_all_of_them() -> None:
    assert {path.name for path in PICTURES.iterdir()} == set(SHOTS)
