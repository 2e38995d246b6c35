"""Thumbnails: small, upright, and never the end of us."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from spt_cli.report.thumbnails import RefusedError, thumbnail
from tests.images import image, opened, saved


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_what_loggers_write_is_shown(form: str) -> None:
    found = thumbnail(image(40, 30, form=form))
    assert (found.width, found.height) == (40, 30)
    assert opened(found.data).format == "WEBP"


@pytest.mark.parametrize(
    ("width", "height", "small"),
    [(640, 480, (320, 240)), (480, 640, (240, 320)), (320, 320, (320, 320)), (3000, 2, (320, 1))],
)
def test_the_longer_side_has_320_pixels(width: int, height: int, small: tuple[int, int]) -> None:
    found = thumbnail(image(width, height))
    assert (found.width, found.height) == small
    assert opened(found.data).size == small


def test_small_images_lose_nothing() -> None:
    noise = Image.effect_noise((32, 32), 80).convert("RGB")
    assert opened(thumbnail(saved(noise)).data).tobytes() == noise.tobytes()


@pytest.mark.parametrize(
    ("mode", "color", "shown"),
    [
        ("L", 200, (200, 200, 200)),
        ("1", 1, (255, 255, 255)),
        ("P", 0, (0, 0, 0)),
        ("RGBA", (10, 20, 30, 40), (10, 20, 30, 40)),
        ("LA", (200, 40), (200, 200, 200, 40)),
        ("I;16", 51_456, (201, 201, 201)),
    ],
)
def test_every_kind_of_png_is_shown_as_it_is(mode: str, color: object, shown: tuple[int, ...]) -> None:
    found = opened(thumbnail(image(mode=mode, color=color)).data)
    assert found.getpixel((3, 3)) == shown


def test_images_are_turned_as_their_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = thumbnail(image(40, 20, form="JPEG", exif=exif))
    assert (found.width, found.height) == (20, 40)
    assert "exif" not in opened(found.data).info


def test_of_an_animation_the_first_image_is_shown() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert opened(thumbnail(data).data).getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize(
    "data",
    [b"", b"text", b"<svg xmlns='http://www.w3.org/2000/svg'/>", image(form="TIFF"), image(form="PPM"), b"%!PS-Adobe"],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(RefusedError, match="cannot be decoded"):
        thumbnail(data)


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    """A hundred bytes that would be 30 GB."""
    bomb = _png_of(100_000, 100_000)
    with pytest.raises(RefusedError):
        thumbnail(bomb)
    with pytest.raises(RefusedError, match="more than 32 megapixels"):
        thumbnail(_png_of(8000, 8000))


def test_torn_files_are_refused() -> None:
    whole = image(300, 300, color="red", form="PNG")
    with pytest.raises(RefusedError):
        thumbnail(whole[: len(whole) // 2])


@given(st.binary(max_size=60), st.integers(0, 70), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"]))
@settings(max_examples=100, deadline=None)
def test_damaged_files_are_shown_or_refused(noise: bytes, place: int, form: str) -> None:
    whole = image(form=form)
    try:
        found = thumbnail(whole[:place] + noise + whole[place + len(noise) :])
    except RefusedError:
        return
    assert max(found.width, found.height) <= 320


def test_the_same_image_gives_the_same_bytes() -> None:
    data = image(400, 300, color="green")
    assert thumbnail(data) == thumbnail(data)


def _png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large and holds nothing."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(bytes(10_000))) + part(b"IEND", b"")
