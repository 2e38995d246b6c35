"""What is large in a page: gzip in base64, which the browser unpacks itself."""

from __future__ import annotations

import base64
import gzip
import zlib


def packed(data: bytes) -> str:
    """*data* as text without any `<`; the same bytes give the same text."""
    return base64.b64encode(gzip.compress(data, compresslevel=6, mtime=0)).decode()


def unpacked(text: str | bytes, most: int) -> bytes:
    """What was packed. Raises ValueError when *text* is nothing of the kind, or holds more than *most* bytes."""
    unpacking = zlib.decompressobj(wbits=31)  # gzip
    try:
        data = unpacking.decompress(base64.b64decode(text, validate=True), most + 1)
    except zlib.error as error:
        raise ValueError(f"no gzip: {error}") from error
    if len(data) > most or not unpacking.eof or unpacking.unused_data:
        raise ValueError("it is damaged, or longer than it should be")
    return data
