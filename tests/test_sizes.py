"""Sizes as people type them."""

from __future__ import annotations

import pytest

from spt_cli.errors import UsageError
from spt_cli.words.sizes import bytes_of


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("812", 812), ("500k", 500_000), ("20M", 20_000_000), ("1.5 GB", 1_500_000_000), (" 2mb ", 2_000_000)],
)
def test_a_size_is_a_number_with_a_unit(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "M", "-1", "1T", "1e3", "20 M M", "٣", "1" * 20])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no size"):
        bytes_of(text)
