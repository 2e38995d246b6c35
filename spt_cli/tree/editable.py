"""The fields of a run that people may edit: what they can hold, and what somebody saw of them."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b

from spt_cli.errors import UsageError
from spt_cli.model import Json, Run
from spt_cli.words.text import printable

FIELDS = ("display_name", "notes", "tags", "archived")
LONGEST_NAME, LONGEST_TAG, MOST_TAGS = 500, 200, 1_000  # characters, characters, tags
LONGEST_NOTES = 65_536  # bytes of UTF-8; a PATCH has room for no more

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_NOTES = re.compile(r"(?![\n\r\t])[\x00-\x1f\x7f-\x9f]")
_DIGEST = 6  # bytes of each field's digest: eight characters


def checked(changes: Mapping[str, Json]) -> dict[str, Json]:
    """*changes* as they are stored. UsageError, with the reason, when one cannot be.

    A name of white space is no name (None): the folder's stands again. Tags are kept once each, blank ones left out.
    """
    if unknown := sorted(set(changes) - set(FIELDS)):
        raise UsageError(f"no field {', '.join(map(printable, unknown))}", hint=f"there are {', '.join(FIELDS)}")
    stored = dict(changes)
    if "archived" in stored and not isinstance(stored["archived"], bool):
        raise UsageError("archived must be true or false")
    for field in ("display_name", "notes"):
        if not isinstance(stored.get(field), str | None):
            raise UsageError(f"{field} must be a text or null")
    if (name := stored.get("display_name")) is not None:
        stored["display_name"] = _name(name)
    if (notes := stored.get("notes")) is not None:
        _check_text("notes", notes, _CONTROL_IN_NOTES)
        if (size := len(notes.encode())) > LONGEST_NOTES:
            raise UsageError(f"notes take up to {LONGEST_NOTES:,} bytes, not {size:,}")
    if "tags" in stored:
        stored["tags"] = _tags(stored["tags"])
    return stored


def version(run: Run) -> str:
    """What a person saw of the fields that can be edited: 32 letters, digits, `-` and `_`, the same for equal fields.

    There are eight for each of FIELDS, so that an edit is only refused when its own fields have changed.
    """
    return "".join(_digest(getattr(run, field)) for field in FIELDS)


def changed_since(run: Run, seen: str, wanted: Mapping[str, Json]) -> list[str]:
    """The fields of *wanted* in which *run* is neither as it was at the version *seen* nor as is wanted."""
    size = len(_digest(None))
    digests = {field: seen[place * size :][:size] for place, field in enumerate(FIELDS)}
    return [
        field
        for field, new in wanted.items()
        if digests[field] != _digest(now := getattr(run, field)) and new != (list(now) if field == "tags" else now)
    ]


def _digest(value: Json) -> str:
    digest = blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
    return urlsafe_b64encode(digest).decode()


def _name(name: str) -> str | None:
    if len(name) > LONGEST_NAME:
        raise UsageError(f"a name takes up to {LONGEST_NAME} characters, not {len(name):,}")
    _check_text("display_name", name, _CONTROL)
    return name if name.strip() else None


def _tags(tags: Json) -> list[str]:
    if not isinstance(tags, list | tuple) or not all(isinstance(tag, str) for tag in tags):
        raise UsageError("tags must be a list of texts")
    for tag in tags:
        if len(tag) > LONGEST_TAG:
            raise UsageError(f"a tag takes up to {LONGEST_TAG} characters, not {len(tag):,}")
        _check_text("a tag", tag, _CONTROL)
    kept = list(dict.fromkeys(tag for tag in tags if tag.strip()))
    if len(kept) > MOST_TAGS:
        raise UsageError(f"a run has up to {MOST_TAGS:,} tags, not {len(kept):,}")
    return kept


def _check_text(what: str, text: str, control: re.Pattern[str]) -> None:
    if found := control.search(text):
        raise UsageError(f"control character {printable(found[0])} in {what}")
    try:
        text.encode()
    except UnicodeEncodeError as error:  # half of a surrogate pair, or a byte of the command line that is no UTF-8
        raise UsageError(f"{what} must be UTF-8, not {printable(text)}") from error
