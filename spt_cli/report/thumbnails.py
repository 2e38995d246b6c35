"""Small pictures of large ones, decoded with care: whoever owns a run wrote them."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 320  # pixels of the longer side
_CRISP = 128  # pixels up to which no detail is given up: images of 32 x 32 are shown enlarged
_QUALITY = 75  # of larger ones
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")  # what loggers write; Pillow knows 40 more, and their decoders' bugs
MAX_BYTES = 32 << 20  # of a file
_MAX_PIXELS = 32 << 20  # 128 MB as they are decoded; 10 KB of PNG can hold a hundred times as many


class Thumbnail(Struct, frozen=True, array_like=True):
    """A small picture, WebP."""

    data: bytes
    width: int  # pixels
    height: int


class RefusedError(Exception):
    """A file is not to be embedded; the message says why, in words that several may share."""


def thumbnail(data: bytes) -> Thumbnail:
    """The image in *data*, of an animation the first, no larger than SIDE, upright, without what came with it.

    Raises RefusedError when it is none, or not one to be decoded.
    """
    try:
        small = _small(data)
    except RefusedError:
        raise
    except Exception as error:  # decoders raise what they happen to raise
        raise RefusedError("cannot be decoded") from error
    target = io.BytesIO()
    crisp = max(small.size) <= _CRISP
    small.save(target, "WEBP", quality=100 if crisp else _QUALITY, lossless=crisp, method=4)
    return Thumbnail(target.getvalue(), *small.size)


def _small(data: bytes) -> Image:
    from PIL import Image, ImageOps, WebPImagePlugin  # noqa: F401 - it registers itself; else Pillow loads all plugins

    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > _MAX_PIXELS:  # nothing is decoded so far
            raise RefusedError(f"more than {_MAX_PIXELS >> 20} megapixels")
        image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded no larger than needed
        small = _eight_bits(image)
        small.thumbnail((SIDE, SIDE))
        return ImageOps.exif_transpose(small)


def _eight_bits(image: Image) -> Image:
    """*image* in a mode that WebP has."""
    if image.mode.startswith("I"):  # PNG of 16 bits a pixel
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    transparent = image.has_transparency_data
    return image.convert("RGBA" if transparent else "RGB")
