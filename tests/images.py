"""Images for tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def image(
    width: int = 8, height: int = 8, *, mode: str = "RGB", form: str = "PNG", color: Any = 0, **save: Any
) -> bytes:
    """A plain image in the format *form*."""
    return saved(Image.new(mode, (width, height), color), form, **save)


def saved(picture: Image.Image, form: str = "PNG", **save: Any) -> bytes:
    """*picture* in the format *form*."""
    target = io.BytesIO()
    picture.save(target, form, **save)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    """The image in *data*, decoded."""
    found = Image.open(io.BytesIO(data))
    found.load()
    return found
