"""What a report is made of, in a few bytes: where they are the same as last time, it need not be made again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence

from msgspec import structs

from spt_cli.logs.files import find_logs
from spt_cli.model import Folder, Run, Values
from spt_cli.report.choice import chosen
from spt_cli.report.model import Options
from spt_cli.tree.roots import Forest


def fingerprint(forest: Forest, runs: Sequence[Run], options: Options) -> str:
    """A digest of all that this version's report of *runs* is made of: their rows, stamps of their files, *options*.

    No file of a run is opened but those that layouts read to find its logs. Of pictures only media.jsonl is looked at,
    which a run writes with each. Raises UsageError as `report` does.
    """
    digest = hashlib.sha256()
    for part in _parts(forest, runs, options):
        digest.update(repr(part).encode() + b"\n")
    return digest.hexdigest()


def _parts(forest: Forest, runs: Sequence[Run], options: Options) -> Iterator[object]:
    choice = chosen(runs, options)
    yield structs.replace(options, cache=None), forest.roots, choice.metric, choice.clean.sentences
    folders = {snapshot.root: snapshot.folders for snapshot in forest.snapshots}
    told = set(choice.told)
    for place, run in enumerate(choice.clean.runs):
        yield [value.raw if isinstance(value, Values) else value for value in structs.astuple(run)]
        root, own = forest.place(run.run_id)
        stamps = folders.get(root.path, {}).get(run.run_dir[len(root.path) :].strip("/"), _UNKNOWN).stamps
        yield stamps.metrics, stamps.media
        for stream in find_logs(own, root.path).streams if place in told else ():
            yield stream, _changed(stream.path)


_UNKNOWN = Folder(mtime_ns=0)


def _changed(path: str | os.PathLike[str]) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
