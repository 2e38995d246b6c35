"""Durations and moments as people type them: `500ms`, `10m`, `2d`, `2026-11-20 10:00`."""

from __future__ import annotations

import re
from datetime import datetime

from spt_cli.errors import UsageError

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

_DURATION = re.compile(r"([0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})\s*(ms|s|m|h|d)?")


def seconds(text: str) -> float:
    """Length of a duration: a number with one of `ms s m h d`; a bare number is seconds. UsageError otherwise."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise UsageError(f"{_shown(text)} is no duration", hint="write it like 500ms, 0.3s, 10m, 3h or 2d")
    return float(found[1]) * UNITS[found[2] or "s"]


def moment(text: str, now: float) -> float:
    """A point in time, s since 1970: a duration before *now*, or a date or time.

    A time without an offset is local, as in the tables; `Z` and `+01:00` are understood. UsageError otherwise.
    """
    stripped = text.strip()
    if _DURATION.fullmatch(stripped):
        return now - seconds(stripped)
    try:
        return datetime.fromisoformat(stripped).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{_shown(text)} is neither a duration nor a time",
            hint='write it like 2d, 3h, 2026-11-20, "2026-11-20 10:00" or 2026-11-20T10:00:00Z',
        ) from error


def _shown(text: str) -> str:
    return f'"{text}"' if len(text) <= 60 else f'"{text[:60]}…"'
