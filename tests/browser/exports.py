"""Pages to open: what spt makes of a tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spt_cli.render import html
from spt_cli.report import Options, Report, report
from spt_cli.tree.roots import gather, resolve
from tests.trees import NOW


def reported(root: Path, **options: Any) -> Report:
    """The report of the runs below *root*, as it is at trees.NOW."""
    roots, problems = resolve([str(root)])
    assert not problems
    forest = gather(roots, now=NOW)
    return report(forest, list(forest.runs.values()), Options(**options))


def exported(root: Path, folder: Path, **options: Any) -> Path:
    """The page of the runs below *root*, written into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    page.write_bytes(b"".join(html.page(reported(root, **options))))
    return page
