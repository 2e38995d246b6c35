"""Hydra: `<job name>.log` in the output folder, and the logs of Lightning's other DDP processes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spt_cli import LogFile, Run
from spt_layouts.files import content, names
from spt_layouts.places import output_folders


def find(run: Run, root: Path) -> Iterator[LogFile]:  # noqa: ARG001 - the contract's arguments
    """The job's log in each folder with a `.hydra/hydra.yaml`, and `train_ddp_process_<rank>.log` beside it."""
    for folder in output_folders(run):
        job = settings(folder).get("hydra.job.name", "")
        if job and "/" not in job:
            yield LogFile(folder / f"{job}.log")
        for name in names(folder):
            if rank := _DDP.fullmatch(name):
                yield LogFile(folder / name, rank=int(rank[1]))


def settings(folder: Path) -> dict[str, str]:
    """Values of `.hydra/hydra.yaml` below *folder* by dotted key, texts and numbers only, without Hydra's `???`.

    The file is read as a stream of parser events, not loaded: libyaml's composer overflows the C stack and kills
    the process on some 200,000 nested brackets, and merge keys can be made to expand without end.
    """
    text = content(folder / ".hydra" / "hydra.yaml", _MAX_BYTES)
    if not text:
        return {}
    import yaml  # here: it takes 20 ms, and most runs have no such file

    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    try:
        top = next(event for event in events if isinstance(event, yaml.NodeEvent))
        return {key: value for key, value in _scalars(events, top, ()) if value not in _MISSING}
    except (ValueError, StopIteration, yaml.YAMLError):  # ValueError: not UTF-8, or too deep
        return {}


_DDP = re.compile(
    r".*ddp_process_([0-9]{1,6})\.log"
)  # Lightning starts these with hydra.job.name=train_ddp_process_<n>
_MAX_BYTES = 256 << 10  # real files hold 5 KB
_MAX_DEPTH = 40  # real files reach 6; libyaml's time grows with the square of the depth
_MISSING = ("???", "null", "~", "")


def _scalars(events: Iterator[Any], node: Any, path: tuple[str, ...], depth: int = 0) -> Iterator[tuple[str, str]]:
    """(dotted key, text) of each scalar of *node* that mappings lead to. Takes the events of the node, no more."""
    import yaml

    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(node, yaml.ScalarEvent):
        yield ".".join(path), node.value
    elif isinstance(node, yaml.MappingStartEvent):
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            words = [text for _, text in _scalars(events, key, (), depth + 1)]
            name = words[0] if isinstance(key, yaml.ScalarEvent) else "?"
            yield from _scalars(events, next(events), (*path, name), depth + 1)
    elif isinstance(node, yaml.SequenceStartEvent):
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            deque(_scalars(events, item, path, depth + 1), maxlen=0)
