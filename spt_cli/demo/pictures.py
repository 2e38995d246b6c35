"""Pictures a run logs: small real PNGs, encoded with zlib alone, and their lines in media.jsonl."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from spt_cli.demo.curves import Curves
from spt_cli.demo.plan import Plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIDE = 32  # pixels
_TAGS = (("recon/samples", 2), ("attention", 1))  # with the number of images of one call


class Picture(Struct, frozen=True):
    """An image and the line of media.jsonl that announces it."""

    path: str  # below the run
    png: bytes
    line: str
    row: int  # after which it is logged


def pictures(plan: Plan, curves: Curves, start: int, stop: int) -> Iterator[Picture]:
    """What is logged with the rows *start* to *stop*: at the end of each third epoch, for runs that log media."""
    if not plan.media:
        return
    for epoch in range(start // plan.per_epoch, stop // plan.per_epoch):
        if epoch % 3:
            continue
        row = (epoch + 1) * plan.per_epoch - 1
        step = curves.step(row)
        for tag, count in _TAGS:
            for i in range(count):
                path = f"media/{tag.replace('/', '__')}/{step:08d}_{i}.png"
                caption = f"epoch {epoch}" if tag == "recon/samples" else None
                event = {"step": step, "tag": tag, "type": "image", "path": path, "caption": caption}
                png = _reconstruction((plan.seed & 0xFFFFFFFF, plan.index, len(tag), i), (epoch + 1) / plan.epochs)
                yield Picture(path, png, json.dumps(event) + "\n", row)


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of *pixels*, an array of height x width x 3 (RGB, 8 bits)."""
    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB, no interlace
    raw = b"".join(b"\0" + row.tobytes() for row in pixels)  # each row without a filter
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(raw)) + _chunk(b"IEND", b"")


def _reconstruction(seed: tuple[int, ...], progress: float) -> bytes:
    """A blob that comes out of the noise as *progress* goes from 0 to 1, as a PNG."""
    import numpy as np

    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    centre, colour = rng.uniform(0.3, 0.7, 2), rng.uniform(0.4, 1.0, 3)
    blob = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / 0.04)[..., None] * colour
    noise = rng.uniform(0, 1, (_SIDE, _SIDE, 3))
    return encode((255 * (progress * blob + (1 - progress) * noise)).astype(np.uint8))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
