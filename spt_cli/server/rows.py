"""The bytes of `/api/runs`: each row made once for each Run, all of them joined once for each change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from spt_cli.model import Run
from spt_cli.render.json import encode, spliced
from spt_cli.server.answers import Packed
from spt_cli.server.journal import News
from spt_cli.tree.editable import version


class Rows:
    """Rows as JSON. It remembers those of the runs that it was given last; one call of `all` at a time."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Run, bytes]] = {}
        self._number = -1
        self._all = Packed(b"[]")

    def all(self, runs: Mapping[str, Run], number: int) -> Packed:
        """A list of the rows of *runs*, those of the moment *number*."""
        if number != self._number:
            rows = {run_id: self._row(run_id, run) for run_id, run in runs.items()}
            self._known = {run_id: (run, rows[run_id]) for run_id, run in runs.items()}
            self._all, self._number = Packed(_list(rows.values())), number
        return self._all

    def some(self, runs: Mapping[str, Run], news: News, cursor: str) -> bytes:
        """The rows of *runs* that *news* calls changed, and who was removed, at the moment *cursor*."""
        rows = _list(self._row(run_id, runs[run_id]) for run_id in news.changed)
        return b'{"cursor":%s,"changed":%s,"removed":%s}' % (encode(cursor), rows, encode(news.removed))

    def _row(self, run_id: str, run: Run) -> bytes:
        known, row = self._known.get(run_id, (None, b""))
        return row if known is run else encode(_fields(run))


def _fields(run: Run) -> dict[str, Any]:
    """The peer's fields in the peer's order, then ours."""
    return {
        "run_id": run.run_id,
        "run_dir": run.run_dir,
        "display_name": run.display_name,
        "status": run.status or None,
        "created_at": run.created_at,
        "ended_at": run.ended_at,
        "heartbeat_at": run.heartbeat_at,
        "tags": run.tags,
        "notes": run.notes,
        "hparams": spliced(run.hparams),
        "summary": spliced(run.summary),
        "checkpoint_path": run.checkpoint_path,
        "metrics_size": run.metrics_size,
        "has_media": run.has_media,
        "state": run.state,
        "alive": run.alive,
        "archived": run.archived,
        "problems": run.problems,
        "version": version(run),
    }


def _list(rows: Iterable[bytes]) -> bytes:
    return b"[%s]" % b",".join(rows)
