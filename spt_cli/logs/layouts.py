"""Layouts: plugins that know where a launcher leaves the logs of a run; a broken one costs nothing but itself."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import cache
from importlib import metadata
from itertools import islice
from pathlib import Path

from msgspec import Struct, structs

from spt_cli.model import Layout, LogFile, Problem, Run

GROUP = "spt_cli.layouts"  # the entry-point group; the entry point's name is the layout's
MAX_FILES = 10_000  # of one layout for one run: twice the ranks of any real job; an endless generator ends here
MAX_RANKS = 1_000_000  # ten times the processes of any real job, and small enough to be shown


class Plugin(Struct, frozen=True):
    """An installed layout, loaded or not."""

    name: str  # the entry point's
    target: str  # `module:function`, as its package declares it
    package: str  # the distribution
    version: str
    seconds: float = 0.0  # its import took
    error: str = ""  # why it could not be loaded
    find: Layout | None = None  # None: not loaded

    @property
    def label(self) -> str:
        """How a message names it."""
        return f"layout {self.name} of {self.package} {self.version}".rstrip()


@cache
def plugins() -> tuple[Plugin, ...]:
    """All installed layouts, looked for and imported on the first call of the process; those that fail say why.

    Ordered by name, then package, with `plain` last: where no layout knows a rank the first to find a file names it,
    and `plain` claims whatever ends like a log.
    """
    declared = {(plugin.name, plugin.package): (plugin, entry) for plugin, entry in _declared()}
    loaded = [_loaded(plugin, entry) for plugin, entry in declared.values()]
    return tuple(sorted(loaded, key=lambda plugin: (plugin.name == "plain", plugin.name, plugin.package)))


def files(plugin: Plugin, run: Run, root: Path) -> tuple[list[LogFile], Problem | None]:
    """What *plugin* yields for *run*, with paths made absolute, and what is wrong with it.

    What it yielded before it failed counts. LogFiles of files that are not there are kept: they say where it looked.
    """
    found: list[LogFile] = []
    cause = plugin.error
    if plugin.find is not None:
        try:
            for item in islice(plugin.find(run, root), MAX_FILES + 1):
                if cause := _nonsense(item):
                    break
                found.append(structs.replace(item, path=Path(run.run_dir, item.path)))
            if len(found) > MAX_FILES:
                cause = f"yields more than {MAX_FILES:,} files; the rest is left out"
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a plugin must not end spt either
            cause = _cause(error)
    problem = Problem(run.run_dir, f"{plugin.label}: {cause}", run.run_id) if cause else None
    return found[:MAX_FILES], problem


def _declared() -> Iterator[tuple[Plugin, metadata.EntryPoint | None]]:
    """Every entry point of the group. Distributions are read one by one, since one whose entry_points.txt is torn
    makes `metadata.entry_points` raise for all of them.
    """
    for distribution in reversed(list(metadata.distributions())):  # the first on sys.path comes last, and wins
        try:
            entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
            if entries:
                package, version = distribution.metadata["Name"], distribution.version
                for entry in entries:
                    yield Plugin(entry.name, entry.value, package or "?", version or ""), entry
        except Exception as error:  # noqa: BLE001 - metadata raises what its parser happens to raise
            if GROUP in (distribution.read_text("entry_points.txt") or ""):
                yield Plugin("?", "", str(distribution.metadata["Name"]), "", error=_cause(error)), None


def _loaded(plugin: Plugin, entry: metadata.EntryPoint | None) -> Plugin:
    if entry is None:
        return plugin
    start = time.perf_counter()
    find, error = None, ""
    try:
        with redirect_stdout(sys.stderr):  # the user's pipe gets no banners
            find = entry.load()
    except BaseException as raised:  # noqa: BLE001 - same
        error = _cause(raised)
    if not error and not callable(find):
        find, error = None, f"{plugin.target} is no function"
    return structs.replace(plugin, seconds=time.perf_counter() - start, error=error, find=find)


def _nonsense(item: object) -> str:
    """Why *item* is not what a layout may yield, or nothing."""
    if not isinstance(item, LogFile):
        return f"yields {type(item).__name__}, not LogFile"
    if not isinstance(item.path, Path):
        return f"yields a path that is {type(item.path).__name__}, not Path"
    if item.kind not in ("out", "err"):
        return f"yields kind {item.kind!r:.40}, neither 'out' nor 'err'"
    if item.rank is not None and (type(item.rank) is not int or not 0 <= item.rank < MAX_RANKS):
        return f"yields a rank that is neither None nor a number from 0 to {MAX_RANKS - 1:,}"
    if not isinstance(item.name, str):
        return f"yields a name that is {type(item.name).__name__}, not str"
    return ""


def _cause(error: BaseException) -> str:
    """The last line of the traceback, on one line. An interrupt is the user's, never the plugin's."""
    if isinstance(error, KeyboardInterrupt):
        raise error
    return " ".join("".join(traceback.format_exception_only(error)).split())[:300]
