"""How far the file server's clock is from ours, as the mtimes of a tree show; nothing is written to find it out."""

from __future__ import annotations

from collections.abc import Mapping

from spt_cli.model import Folder, Snapshot

_FUTURE = 86_400.0  # seconds: no server's clock is a day ahead; an mtime that is, is wrong, and all runs would be stale
_BEHIND = 3_600.0  # seconds: a copy that keeps mtimes looks as a server that is behind does; no more is believed


def ahead(found: Mapping[str, Folder | None], now: float, previous: Snapshot | None = None) -> float:
    """Seconds the file server's clock is ahead of *now*, as far as the newest mtime of *found* and *previous* shows."""
    most = max(0.0, previous.taken_at + previous.skew - now) if previous and previous.skew > 0 else 0.0
    for folder in found.values():
        if folder is not None and folder.run is not None:
            newest = max(folder.stamps.heartbeat.mtime_ns, folder.stamps.sidecar.mtime_ns) / 1e9 - now
            if most < newest < _FUTURE:
                most = newest
    return most


def behind(previous: Snapshot | None, found: Mapping[str, Folder | None]) -> float:
    """Seconds, negative, that the file server's clock is behind ours, as heartbeats that moved just now show.

    One that moved since we looked at it, and is dated before that look, was dated by such a clock. Until one moves,
    what earlier scans have seen counts.
    """
    if previous is None:
        return 0.0
    seen = []
    for path, folder in found.items():
        known = previous.folders.get(path)
        if folder is not None and known is not None and known.stamps.heartbeat.mtime_ns:
            beat = folder.stamps.heartbeat.mtime_ns
            if beat > known.stamps.heartbeat.mtime_ns:
                seen.append((beat - known.listed_ns) / 1e9)
    return max(-_BEHIND, min(0.0, max(seen))) if seen else min(previous.skew, 0.0)
