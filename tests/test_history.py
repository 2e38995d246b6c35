"""Journals: what was told up to a cursor, whatever became of them."""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.errors import NotFoundError
from spt_cli.model import Problem, Run
from spt_cli.watch import history
from spt_cli.watch.history import Journal, recall, tidy
from spt_cli.watch.watching import Happening, fold
from tests.made import a_run
from tests.trees import NOW

ROOTS = [("", "/runs")]
FLUSH = 5  # bytes at the end of what zlib flushes that hold no data
ODD = a_run(
    "g\udcff/r é\n",
    status="running",
    state="running",
    alive=True,
    created_at=1.5,
    tags=("a", "b"),
    summary={"loss": float("nan"), "big": 10**30},
    hparams={"text": "é\x7f", "none": None},
    problems=(Problem("/runs/g\udcff", "broken", "g\udcff"),),
)


def added(*runs: Run) -> list[Happening]:
    return [Happening("added", run) for run in runs]


def begun(folder: Path, told: dict[str, Run] | None = None, **options: Any) -> Journal:
    return Journal(folder, ROOTS, told or {}, now=time.time(), **options)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_cursor_stands_for_all_that_was_told_up_to_its_event(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    first, second = a_run("a"), a_run("b")
    better = a_run("a", notes="better")
    happened = [*added(first, second), Happening("changed", better, ("notes",)), Happening("removed", second)]
    cursors = journal.append(happened, {})
    assert [recall(tmp_path, cursor, ROOTS) for cursor in cursors] == [
        {"a": first},
        {"a": first, "b": second},
        {"a": better, "b": second},
        {"a": better},
    ]


def test_a_row_comes_back_as_it_was(tmp_path: Path) -> None:
    (cursor,) = begun(tmp_path).append(added(ODD), {})
    assert recall(tmp_path, cursor, ROOTS) == {ODD.run_id: ODD}
    (gone,) = begun(tmp_path, {ODD.run_id: ODD}).append([Happening("removed", ODD)], {ODD.run_id: ODD})
    assert recall(tmp_path, gone, ROOTS) == {}


def test_it_begins_with_what_was_told_before(tmp_path: Path) -> None:
    (cursor,) = begun(tmp_path, {"a": a_run("a")}).append(added(a_run("b")), {"a": a_run("a")})
    assert recall(tmp_path, cursor, ROOTS) == {"a": a_run("a"), "b": a_run("b")}


def test_two_watches_at_once_do_not_meet(tmp_path: Path) -> None:
    one, two = begun(tmp_path), begun(tmp_path)
    (first,), (second,) = one.append(added(a_run("a")), {}), two.append(added(a_run("b")), {})
    assert recall(tmp_path, first, ROOTS) == {"a": a_run("a")}
    assert recall(tmp_path, second, ROOTS) == {"b": a_run("b")}


def test_a_journal_can_be_read_while_it_is_written_and_only_by_its_owner(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.append(added(a_run("a")), {})
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    (cursor,) = journal.append(added(a_run("b")), {"a": a_run("a")})
    assert set(recall(tmp_path, cursor, ROOTS)) == {"a", "b"}


@pytest.mark.parametrize("cursor", ["", "nonsense", "null", "943e4ce26bc2-", "943e4ce26bc2-1\n", "../../etc/passwd-1"])
def test_what_is_no_cursor_is_not_found(tmp_path: Path, cursor: str) -> None:
    with pytest.raises(NotFoundError, match="is no cursor"):
        recall(tmp_path, cursor, ROOTS)


def test_a_cursor_of_another_machine_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="is not known on this machine"):
        recall(tmp_path, "943e4ce26bc2-1", ROOTS)


def test_a_cursor_of_other_roots_is_told_apart(tmp_path: Path) -> None:
    (cursor,) = begun(tmp_path).append(added(a_run("a")), {})
    for roots in ([("", "/other")], [("runs", "/runs"), ("b", "/b")], []):
        with pytest.raises(NotFoundError, match="other ROOTs"):
            recall(tmp_path, cursor, roots)


def test_a_cursor_that_was_never_given_out_cannot_be_read(tmp_path: Path) -> None:
    (cursor,) = begun(tmp_path).append(added(a_run("a")), {})
    with pytest.raises(NotFoundError, match="cannot be read"):
        recall(tmp_path, cursor.replace("-1", "-2"), ROOTS)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generations of a few lines."""
    monkeypatch.setattr(history, "_LEAST", 1000)
    monkeypatch.setattr(history, "_MULTIPLE", 1)


def told(journal: Journal, count: int) -> list[tuple[str, dict[str, Run]]]:
    """Each cursor of *count* changes of one run, with what it stands for."""
    runs: dict[str, Run] = {}
    found = []
    for number in range(count):
        (happened,) = added(a_run("a", notes=f"{number}"))
        (cursor,) = journal.append([happened], runs)
        runs = fold(runs, [happened])
        found.append((cursor, runs))
    return found


@pytest.mark.usefixtures("small")
def test_a_journal_that_grew_begins_anew_and_keeps_the_last_generation(tmp_path: Path) -> None:
    given = told(begun(tmp_path), 100)
    known = []
    for cursor, runs in given:
        try:
            known.append(recall(tmp_path, cursor, ROOTS) == runs)
        except NotFoundError as error:
            assert "is too old" in str(error)  # noqa: PT017 - those before a place that the test does not know
            known.append(False)
    first = known.index(True)
    assert 0 < first < 98
    assert all(known[first:])
    assert len(files(tmp_path)) == 2
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2000


@pytest.mark.usefixtures("small")
def test_a_generation_that_is_torn_where_it_begins_is_made_up_for_by_the_last(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    long = a_run("a", notes="x" * 1000)
    (first,) = journal.append(added(long), {})
    (second,) = journal.append(added(a_run("b")), {"a": long})
    name = first.partition("-")[0]
    assert files(tmp_path) == [f"{name}-0.journal", f"{name}-1.journal"]
    path = tmp_path / f"{name}-1.journal"
    for size in reversed(range(path.stat().st_size - FLUSH)):
        os.truncate(path, size)
        assert recall(tmp_path, first, ROOTS) == {"a": long}
        with pytest.raises(NotFoundError, match="cannot be read"):
            recall(tmp_path, second, ROOTS)


def test_a_torn_end_costs_what_stands_there_alone(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    (first,) = journal.append(added(a_run("a")), {})
    (path,) = tmp_path.iterdir()
    kept = path.stat().st_size
    (second,) = journal.append(added(a_run("b")), {"a": a_run("a")})
    for size in reversed(range(kept, path.stat().st_size - FLUSH)):
        os.truncate(path, size)
        assert recall(tmp_path, first, ROOTS) == {"a": a_run("a")}
        with pytest.raises(NotFoundError, match="cannot be read"):
            recall(tmp_path, second, ROOTS)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_journal_gives_the_truth_or_nothing(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    given = told(begun(folder), 6)
    (path,) = folder.iterdir()
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    for cursor, runs in given:
        try:
            assert recall(folder, cursor, ROOTS) == runs
        except NotFoundError:
            continue


def forged(folder: Path, *lines: bytes) -> str:
    """A cursor of a journal of these *lines* after a good first one, with good checksums."""
    whole = [b'{"roots":[["","/runs"]],"format":1}', *lines]
    data = zlib.compress(b"".join(b"%08x%s\n" % (zlib.crc32(line), line) for line in whole))
    (folder / "0123456789ab-0.journal").write_bytes(data)
    return "0123456789ab-1"


@pytest.mark.parametrize(
    "line",
    [
        b'{"at":1,"run":3}',
        b'{"at":1,"run":{"run_id":"a"}}',
        b'{"at":"1"}',
        b"[" * 100_000,
        b"",
        b"nonsense",
        b'{"run":{"run_id":"a","run_dir":"/a","display_name":"a","status":"","state":"","alive":1}}',
    ],
)
def test_lines_that_no_journal_has_are_not_believed(tmp_path: Path, line: bytes) -> None:
    with pytest.raises(NotFoundError, match="cannot be read"):
        recall(tmp_path, forged(tmp_path, line, b'{"at":1}'), ROOTS)
    assert recall(tmp_path, forged(tmp_path, b'{"at":1}'), ROOTS) == {}


def test_a_line_with_another_checksum_is_not_believed(tmp_path: Path) -> None:
    cursor = forged(tmp_path, b'{"at":1}')
    (path,) = tmp_path.iterdir()
    path.write_bytes(zlib.compress(zlib.decompress(path.read_bytes()).replace(b'"at":1', b'"at":2')))
    with pytest.raises(NotFoundError, match="cannot be read"):
        recall(tmp_path, cursor.replace("-1", "-2"), ROOTS)


def test_a_line_without_end_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = forged(tmp_path, b'{"gone":"' + b"x" * (8 << 20) + b'"}', b'{"at":1}')
    assert recall(tmp_path, cursor, ROOTS) == {}
    monkeypatch.setattr(history, "_LONGEST", 4 << 20)
    with pytest.raises(NotFoundError, match="cannot be read"):
        recall(tmp_path, cursor, ROOTS)


def test_a_journal_without_end_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = forged(tmp_path, *[b'{"gone":"%s"}' % (b"x" * 1000)] * 5000, b'{"at":1}')
    assert recall(tmp_path, cursor, ROOTS) == {}
    monkeypatch.setattr(history, "_MOST", 4 << 20)
    with pytest.raises(NotFoundError, match="cannot be read"):
        recall(tmp_path, cursor, ROOTS)


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_file_is_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "0123456789ab-0.journal"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(NotFoundError, match="cannot be read"):
        recall(tmp_path, "0123456789ab-1", ROOTS)


def aged(folder: Path, name: str, age: float, size: int = 0) -> Path:
    path = folder / f"{name}.journal"
    path.write_bytes(b"")
    os.truncate(path, size)
    os.utime(path, (NOW - age, NOW - age))
    return path


def test_journals_that_showed_no_life_for_a_week_are_removed(tmp_path: Path) -> None:
    aged(tmp_path, "old-0", 8 * 86400)
    aged(tmp_path, "young-0", 6 * 86400)
    (tmp_path / "other").touch()
    tidy(tmp_path, now=NOW)
    assert files(tmp_path) == ["other", "young-0.journal"]


def test_the_oldest_go_when_all_take_too_much_room_but_none_that_is_in_use(tmp_path: Path) -> None:
    third = history._TOTAL // 3 - 1000
    for name, age in (("in-use", 60), ("older", 7200 * 3), ("oldest", 7200 * 4), ("new", 7200 * 2), ("also-in-use", 9)):
        aged(tmp_path, name, age, third)
    tidy(tmp_path, now=NOW)
    assert files(tmp_path) == ["also-in-use.journal", "in-use.journal", "new.journal"]
    aged(tmp_path, "in-use", 60, third * 4)
    tidy(tmp_path, now=NOW)
    assert files(tmp_path) == ["also-in-use.journal", "in-use.journal"]


def test_a_quiet_journal_shows_life_and_so_does_the_one_it_went_on_from(tmp_path: Path) -> None:
    (cursor,) = begun(tmp_path).append(added(a_run("a")), {})
    journal = begun(tmp_path, resumed=cursor)
    journal.live(NOW)
    assert [path.stat().st_mtime for path in tmp_path.iterdir()] == [NOW, NOW]
    journal.live(NOW + 3000)
    assert [path.stat().st_mtime for path in tmp_path.iterdir()] == [NOW, NOW]
    journal.live(NOW + 4000)
    assert [path.stat().st_mtime for path in tmp_path.iterdir()] == [NOW + 4000, NOW + 4000]


def test_a_cache_that_was_emptied_is_filled_anew(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    (first,) = journal.append(added(a_run("a")), {})
    for path in tmp_path.iterdir():
        path.unlink()
    (second,) = journal.append(added(a_run("b")), {"a": a_run("a")})
    assert recall(tmp_path, second, ROOTS) == {"a": a_run("a"), "b": a_run("b")}
    assert recall(tmp_path, first, ROOTS) == {"a": a_run("a")}


def test_no_room_is_an_error(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    (path,) = tmp_path.iterdir()
    path.unlink()
    path.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        journal.append(added(a_run("a")), {})
