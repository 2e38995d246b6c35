"""Parsed metrics in memory: the same as the file, read once, and no more of them than is allowed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.metrics.reading import read_metrics
from spt_cli.metrics.reduce import Reduced, reduce
from spt_cli.metrics.requeues import stitch
from spt_cli.model import Series
from spt_cli.server.caching import Metrics, Points
from spt_cli.server.course import course
from tests.metrics_files import bits, hostile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "metrics.csv"
    file.write_bytes(b"step,loss,acc\n0,1,\n1,2,0.5\n")
    return file


def everything(points: Points) -> tuple[Mapping[str, Series], dict[str, Series]]:
    """All points, and those that count."""
    counted = {name: points.stitched(name) for name in points.all}
    return points.all, {name: series for name, series in counted.items() if series is not None}


def itself(points: Points) -> Points:
    return points


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


rows = st.lists(st.tuples(st.integers(0, 9) | st.just(""), st.integers(0, 9) | st.just(""), st.booleans()), max_size=4)


@settings(max_examples=100, deadline=None)
@given(st.lists(rows, min_size=1, max_size=6), st.booleans())
def test_a_file_read_as_it_grows_is_what_it_is_read_at_once(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[tuple[int | str, int | str, bool]]], asked: bool
) -> None:
    """Requeues among it; whether or not somebody asked for what counts in between."""
    path = tmp_path_factory.mktemp("grows") / "metrics.csv"
    path.write_bytes(b"step,epoch,loss,acc\n")
    metrics = Metrics()
    for part in parts:
        for step, epoch, loss in part:
            append(path, f"{step},{epoch},{'1,' if loss else ',2'}\n".encode())
        metrics.use(str(path), everything if asked else itself, live=True)
    whole = read_metrics(path, live=True)
    every, counted = metrics.use(str(path), everything, live=True)
    assert bits(every) == bits(whole)
    assert bits(counted) == bits(stitch(whole))


@settings(max_examples=100, deadline=None)
@given(st.lists(rows, min_size=1, max_size=6))
def test_curves_that_grow_with_the_file_are_what_they_are_at_once(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[tuple[int | str, int | str, bool]]]
) -> None:
    """In few buckets, so that points share them and buckets widen; after a requeue, too."""
    path = tmp_path_factory.mktemp("curves") / "metrics.csv"
    path.write_bytes(b"step,epoch,loss,acc\n")
    metrics = Metrics()
    for part in parts:
        for place, (step, epoch, loss) in enumerate(part):
            append(path, f"{step},{epoch},{f'{place},' if loss else f',{place}'}\n".encode())
        grown = metrics.use(str(path), lambda points: points.reduced(["loss", "acc"], 3), live=True)
        kept = metrics.use(str(path), lambda points: points.course, live=True)
    assert kept == course(read_metrics(path))
    assert kept.epochs == reduce(read_metrics(path), 3).epochs
    whole = reduce(read_metrics(path), 3).metrics
    assert {name: shape(one) for name, one in grown.items()} == {name: shape(one) for name, one in whole.items()}
    for name, one in whole.items():
        assert grown[name].parts.mean == pytest.approx(one.parts.mean, nan_ok=True)


def shape(one: Reduced) -> list[object]:
    """All of a curve that is the same however it came about."""
    parts = [getattr(one.parts, name).tolist() for name in ("at", "min", "max", "count", "nonfinite")]
    return [one.known, one.stepped, repr((one.low, one.high)), one.exponent, repr(parts)]


@settings(max_examples=100, deadline=None)
@given(st.lists(hostile(), min_size=1, max_size=3), st.booleans())
def test_whatever_the_file_becomes_it_is_read_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], live: bool
) -> None:
    path = tmp_path_factory.mktemp("becomes") / "metrics.csv"
    metrics = Metrics()
    for content in contents:
        path.write_bytes(content)
        for _ in range(3):  # one that only shrank is believed the second time
            every, counted = metrics.use(str(path), everything, live=live)
    whole = read_metrics(path, live=live)
    if whole or not live:  # of a live one without a complete header the rows of before are kept
        assert bits(every) == bits(whole)
        assert bits(counted) == bits(stitch(whole))


def test_what_did_not_change_is_the_same_object(path: Path) -> None:
    metrics = Metrics()
    assert metrics.use(str(path), itself, live=True) is metrics.use(str(path), itself, live=True)
    append(path, b"2,3,")
    before = metrics.use(str(path), itself, live=False)
    assert metrics.use(str(path), itself, live=False) is before
    assert before.all["loss"].value.tolist() == [1.0, 2.0, 3.0]


def test_the_last_line_of_a_live_run_counts_once_its_newline_is_there(path: Path) -> None:
    metrics = Metrics()
    append(path, b"2,3")
    found = [metrics.use(str(path), everything, live=live)[0]["loss"].value.tolist() for live in (True, False, True)]
    assert found == [[1.0, 2.0], [1.0, 2.0, 3.0], [1.0, 2.0]]


def test_every_content_has_a_tag_of_its_own(path: Path) -> None:
    metrics = Metrics()
    tags = [metrics.use(str(path), itself, live=True).tag]
    append(path, b"2,3")
    tags += [metrics.use(str(path), itself, live=live).tag for live in (True, False)]
    append(path, b",\n")
    tags += [metrics.use(str(path), itself, live=True).tag]
    path.unlink()
    tags += [metrics.use(str(path), itself, live=True).tag]
    assert len(set(tags)) == 5


def test_a_file_that_is_gone_has_no_points_and_comes_back(path: Path) -> None:
    metrics = Metrics()
    data = path.read_bytes()
    metrics.use(str(path), itself, live=True)
    path.unlink()
    assert metrics.use(str(path), everything, live=True) == ({}, {})
    path.write_bytes(data)
    assert list(metrics.use(str(path), everything, live=True)[0]) == ["loss", "acc"]


def test_one_parse_serves_all_threads_that_ask_at_once(path: Path) -> None:
    metrics, together = Metrics(), threading.Barrier(8)

    def ask(_: int) -> Points:
        together.wait(60)
        return metrics.use(str(path), itself, live=True)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(8)))
    assert len({id(points) for points in found}) == 1


def test_of_what_was_appended_little_is_copied(path: Path) -> None:
    path.write_bytes(b"step,loss,acc\n" + b"".join(b"%d,1,2\n" % step for step in range(100_000)))
    metrics = Metrics()
    before = metrics.use(str(path), everything, live=True)[0]
    size = metrics.size
    for step in range(100_000, 100_010):
        append(path, b"%d,1,2\n" % step)
        points = metrics.use(str(path), itself, live=True)
    assert metrics.size < size + 10_000
    assert points.stitched("loss") is points.stitched("loss")
    assert len(before["loss"].value) == 100_000


def test_memory_is_bounded_and_what_was_asked_for_longest_ago_goes_first(tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{number}.csv") for number in range(4)]
    for path in paths:
        Path(path).write_bytes(b"step,loss\n" + b"".join(b"%d,1\n" % step for step in range(1_000)))
    one = Metrics()
    one.use(paths[0], itself, live=True)
    metrics = Metrics(max_bytes=3 * one.size)
    kept = {path: metrics.use(path, itself, live=True) for path in paths[:3]}
    assert metrics.use(paths[0], itself, live=True) is kept[paths[0]]
    metrics.use(paths[3], itself, live=True)
    assert metrics.size == 3 * one.size
    assert [metrics.use(path, itself, live=True) is kept[path] for path in (paths[0], paths[2])] == [True, True]
    assert metrics.use(paths[1], itself, live=True) is not kept[paths[1]]


def test_what_is_larger_than_all_memory_is_answered_and_not_kept(path: Path) -> None:
    metrics = Metrics(max_bytes=10)
    assert list(metrics.use(str(path), everything, live=True)[0]) == ["loss", "acc"]
    assert metrics.size == 0


def test_files_without_points_are_counted_too(tmp_path: Path) -> None:
    """Else who asks for each of 100,000 runs that logged nothing would fill the memory."""
    metrics = Metrics(max_bytes=100_000)
    for number in range(200):
        metrics.use(str(tmp_path / f"{number}.csv"), itself, live=True)
    assert 0 < metrics.size <= 100_000
    assert len(metrics._files) < 200


def test_json_is_made_once_and_counted(path: Path) -> None:
    metrics = Metrics()
    made: list[int] = []

    def encode(series: Mapping[str, Series]) -> bytes:
        made.append(len(series))
        return b"x" * 1_000

    metrics.use(str(path), itself, live=True)
    size = metrics.size
    bodies = [metrics.use(str(path), lambda points: points.packed(encode), live=True).body for _ in range(3)]
    assert (made, set(bodies)) == ([2], {b"x" * 1_000})
    assert metrics.size >= size + 1_000


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        Metrics().use(str(tmp_path), itself, live=True)
