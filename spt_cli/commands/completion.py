"""What a shell offers at TAB: run ids, metrics, hparams and tags, as they were when somebody last looked.

Never longer than 0.3 s: what is remembered in the user's cache folder answers at once. When that is older than a minute
the tree is looked at for as long as there is time, and what is found by then is remembered.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import threading
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

import msgspec
import typer
from msgspec import Struct

from spt_cli.choice.names import FIELDS, Names
from spt_cli.files.caches import cache_folder
from spt_cli.model import Run
from spt_cli.render.json import encode
from spt_cli.tree.roots import Forest, Root, gather, resolve

_FRESH = 60.0  # seconds
_TIME = 0.25  # seconds of the process after which the answer must be on its way
_RUNS, _KEYED = 20_000, 2_000  # runs remembered, and those of them whose keys are
_OFFERED = 500
_BARE = re.compile(r"[\w@%+:./][\w@%+=:,./-]*")  # no option, nothing that a shell acts on; letters of any script


class Known(Struct, frozen=True):
    """What is remembered of the roots of a command."""

    runs: tuple[str, ...] = ()  # ids as they are shown, newest first
    metrics: tuple[str, ...] = ()
    hparams: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


def remember(forest: Forest) -> None:
    """Keeps what completion needs of *forest*, unless it was kept within the last minute. No failure is told."""
    with suppress(OSError):
        path = _path(forest.roots)
        if path and _age(path) > _FRESH:
            _write(path, encode(_known(forest.runs.values())))


def runs(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of runs, and their last parts, that begin with *incomplete*."""
    ids = _recall(context).runs
    ends = (run_id.rpartition("/")[2] for run_id in ids)
    return _beginning(incomplete, dict.fromkeys([*ends, *ids, "@latest", "@best:"] if incomplete else ends))


def metrics(context: typer.Context, incomplete: str) -> list[str]:
    """Names of metrics."""
    return _beginning(incomplete, _recall(context).metrics)


def tags(context: typer.Context, incomplete: str) -> list[str]:
    """Tags of runs."""
    return _beginning(incomplete, _recall(context).tags)


def states(context: typer.Context, incomplete: str) -> list[str]:
    """States that runs are in."""
    return _beginning(incomplete, _recall(context).states or ("running", "stale", "completed", "failed"))


def names(context: typer.Context, incomplete: str) -> list[str]:
    """Names of columns, after the last comma of *incomplete*."""
    known = _recall(context)
    before, comma, last = incomplete.rpartition(",")
    short = (key.rpartition(".")[2] for key in known.hparams)
    found = _beginning(last, dict.fromkeys(["id", *FIELDS, *known.hparams, *known.metrics, *short]))
    return [before + comma + name for name in found]


def _beginning(incomplete: str, words: Iterable[str]) -> list[str]:
    """Those of *words* that begin so, and that stand in a prompt as they are.

    What is offered gets there unquoted: a run called `$(reboot)` would be run by whoever pressed TAB and then Enter.
    """
    fitting = (word for word in words if word.startswith(incomplete) and _BARE.fullmatch(word))
    return list(islice(fitting, _OFFERED))


def _recall(context: typer.Context) -> Known:
    """What is known of the roots of the command line so far."""
    by_place = context.command.name in {"ls", "watch", "export", "serve"}  # ROOT is an argument there, not parsed yet
    given = context.params.get("root") or (context.args if by_place else ())
    roots, _ = resolve(given)
    if not roots:
        return Known()
    path = _path(roots)
    if path is None:
        return Known()
    if _age(path) > _FRESH:
        _look(roots)
    try:
        return msgspec.convert(json.loads(path.read_bytes()), Known)
    except (OSError, ValueError):  # ValueError: MsgspecError too; whatever stands there, it is only a cache
        return Known()


def _look(roots: tuple[Root, ...]) -> None:
    """Looks at *roots* and remembers, for as long as there is time; a disk that answers later goes unheard."""

    def scan() -> None:
        with suppress(Exception):  # nobody is there to be told
            remember(gather(roots, now=time.time()))

    looking = threading.Thread(target=scan, daemon=True)
    looking.start()
    looking.join(max(_TIME - time.process_time(), 0.02))  # what the process has used up: importing, mostly


def _known(runs: Collection[Run]) -> Known:
    newest = sorted(runs, key=lambda run: (-(run.created_at or 0), run.run_id))[:_RUNS]
    names = Names(newest[:_KEYED])
    return Known(
        tuple(run.run_id for run in newest),
        tuple(sorted(names.metrics)),
        tuple(sorted(names.hparams)),
        tuple(sorted({tag for run in newest for tag in run.tags})),
        tuple(sorted({run.state for run in newest})),
    )


def _path(roots: Iterable[Root]) -> Path | None:
    """The file that remembers *roots*, named by a digest of theirs; None where nothing can be remembered."""
    folder = cache_folder("completion")
    digest = hashlib.sha256("\0".join(root.path for root in roots).encode("utf-8", "surrogateescape")).hexdigest()
    return folder / f"{digest[:32]}.json" if folder else None


def _age(path: Path) -> float:
    try:
        return abs(time.time() - path.stat().st_mtime)
    except OSError:
        return float("inf")


def _write(path: Path, data: bytes) -> None:
    """Replaces *path* in one step, readable only to its owner."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with open(handle, "wb") as file:
        file.write(data)
    Path(temporary).replace(path)
