"""How often each folder of a tree is looked at again: cost follows the live runs, and no run is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from spt_cli.model import Folder, Snapshot
from spt_cli.tree.folders import trusted
from spt_cli.tree.walk import SIDECAR

_BRISK = 5.0  # seconds: stale runs, unreadable ones, and the wrapper folder of a single ended run
_SLICES = 1 << 20


def due(previous: Snapshot, now: float, sweep: float) -> Iterator[str]:
    """Paths of the folders of *previous* to look at at the clock *now* (s since 1970), the root left out.

    Live runs and folders that can gain runs always, ended runs in slices, so that each comes once in *sweep* seconds:
    10,000 ended runs of which a thirtieth is looked at each second cost less than the 500 live ones beside them.
    """
    folders = previous.folders
    swept, brisk = (_turns(period, previous.taken_at, now) for period in (sweep, min(_BRISK, sweep)))
    for path, folder in folders.items():
        run = folder.run
        if not path:
            continue
        if not trusted(folder):
            often = bool(folder.problems) and brisk
        elif run is not None:
            often = (brisk if folder.problems else swept) if not run.live else not run.alive and brisk
        elif SIDECAR in folder.files or _wraps_one_ended(path, folder, folders):
            often = brisk
        else:
            often = _inside_ended(path, folders) and swept
        if not often or often(path):
            yield path


def _turns(period: float, last: float, now: float) -> Callable[[str], bool]:
    """Whether a path's own moment, which comes once in *period* seconds (0: always), lies between *last* and *now*."""
    if not period:
        return lambda _: True
    before, after = last / period, now / period

    def its_turn(path: str) -> bool:
        own = hash(path) % _SLICES / _SLICES  # a str keeps its hash, so this costs nothing
        return int(after + own) != int(before + own)

    return its_turn


def _wraps_one_ended(path: str, folder: Folder, folders: Mapping[str, Folder]) -> bool:
    """Whether it is an HHMMSS folder around one ended run: there are as many as runs, and a second run is seldom."""
    if len(folder.folders) != 1:
        return False
    child = folders.get(f"{path}/{folder.folders[0]}")
    return child is not None and child.run is not None and not child.run.live


def _inside_ended(path: str, folders: Mapping[str, Folder]) -> bool:
    while path:
        path = path.rpartition("/")[0]
        above = folders.get(path)
        if above is not None and above.run is not None:
            return not above.run.live
    return False
