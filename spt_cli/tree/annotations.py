"""People's edits of a run (annotations.json beside the sidecar), laid over what the sidecar says."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from spt_cli.tree.sidecar import Sidecar


class Annotations(Struct, frozen=True):
    """A stored edit of each field, or UNSET. None is an edit too: notes are emptied, the name is the folder's again."""

    display_name: str | UnsetType | None = UNSET
    notes: str | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType | None = UNSET
    archived: bool | UnsetType | None = UNSET


def parse_edits(data: bytes) -> Annotations:
    """The Annotations in *data*, the bytes of an annotations.json. Raises ValueError when it holds none."""
    try:
        return msgspec.json.decode(data, type=Annotations)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error


def lay_over(sidecar: Sidecar, edits: Annotations) -> Sidecar:
    """The sidecar with each edited field replaced; what is not edited stays the trainer's."""
    edited = {name: value for name, value in msgspec.structs.asdict(edits).items() if value is not UNSET}
    defaults = {"display_name": None, "notes": "", "tags": (), "archived": False}
    return msgspec.structs.replace(
        sidecar, **{name: defaults[name] if value is None else value for name, value in edited.items()}
    )
