"""The difference of two snapshots, and applying it: the only notion of change."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from spt_cli.model import Change, Event, Run, Snapshot

_FIELDS = tuple(name for name in Run.__struct_fields__ if name not in ("run_id", "summary", "hparams"))


def diff(old: Snapshot, new: Snapshot) -> Event:
    """What happened from *old* to *new*, both of one root, so that applying it to *old* gives the runs of *new*.

    That a run is absent from a partial *new* is no removal. Costs about 50 ns a run that is the same object in both.
    """
    return Event(
        changes=between(old.runs, new.runs if new.progress.initial_done else old.runs | new.runs),
        progress=None if new.progress == old.progress else new.progress,
        problems=None if new.problems == old.problems else new.problems,
    )


def between(old: Mapping[str, Run], new: Mapping[str, Run]) -> tuple[Change, ...]:
    """What happened to each run from *old* to *new*, sorted by run id."""
    changes = [_change(run, old.get(run_id)) for run_id, run in new.items() if run is not old.get(run_id)]
    changes += [Change("removed", run_id) for run_id in old if run_id not in new]
    return tuple(sorted((change for change in changes if change), key=lambda change: change.run_id))


def apply(old: Snapshot, event: Event) -> Snapshot:
    """*old* with the changes of *event*: its runs, progress and problems."""
    runs = dict(old.runs)
    for change in event.changes:
        if change.run is None:
            runs.pop(change.run_id, None)
        else:
            runs[change.run_id] = change.run
    return structs.replace(
        old,
        runs=runs,
        progress=event.progress or old.progress,
        problems=old.problems if event.problems is None else event.problems,
    )


ENDS = {"completed": "finished", "failed": "failed", "stale": "stale"}


def _change(run: Run, before: Run | None) -> Change | None:
    if before is None:
        return Change("added", run.run_id, run)
    fields = _fields(before, run)
    if not fields:
        return None
    kind = "changed" if run.state == before.state else ENDS.get(run.state, "changed")
    return Change(kind, run.run_id, run, fields)


def _fields(before: Run, run: Run) -> tuple[str, ...]:
    """Names of what differs, in Run's order; `summary.<metric>` and `hparams.<key>` for single values."""
    names = [name for name in _FIELDS if getattr(before, name) != getattr(run, name)]
    for group in ("hparams", "summary"):
        old, new = getattr(before, group), getattr(run, group)
        if old != new:
            names += _keys(group, old.decode(), new.decode()) or [group]
    return tuple(names)


def _keys(group: str, old: dict[str, object], new: dict[str, object]) -> list[str]:
    """Keys whose value differs or that only one side has; repr, since NaN equals NaN here."""
    return [
        f"{group}.{key}"
        for key in {**old, **new}
        if key not in old or key not in new or repr(old[key]) != repr(new[key])
    ]
