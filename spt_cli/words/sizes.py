"""Sizes as people type them: `500k`, `20M`, `1.5 GB`; a thousand of one is the next, as in `text.size`."""

from __future__ import annotations

import re

from spt_cli.errors import UsageError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\s*([kmg]?)b?", re.IGNORECASE)


def bytes_of(text: str) -> int:
    """How many bytes *text* says: a number with one of `k M G`, a `B` behind it or not. UsageError otherwise."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise UsageError(f"{text or 'nothing'} is no size", hint="write it like 500k, 20M or 1G")
    return int(float(found[1]) * _UNITS[found[2].lower()])
