"""Where templates/ and site/ are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from spt_cli.errors import SptError


def folder(name: str) -> Path:
    """Path of the folder *name* (`templates` or `site`). Raises SptError when the installation lacks it."""
    package = Path(__file__).resolve().parent
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    raise SptError(f"the folder {name}/ is missing from the installation", hint="reinstall spt-cli")
