"""Which log streams are meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from spt_cli.errors import NotFoundError
from spt_cli.logs.wanted import Wanted, wanted
from spt_cli.model import LogStream


def stream(name: str, rank: int | None = None, size: int = 1) -> LogStream:
    return LogStream(name, name.rpartition(".")[2], rank, size, name.replace(" ", "_"), Path("/logs", name), "plain")


RANKS = [stream("rank 0 .out", 0), stream("rank 1 .out", 1), stream("rank 0 .err", 0), stream("rank 1 .err", 1)]


def names(streams: list[LogStream], want: Wanted | None = None, *, failed: bool = False) -> list[str]:
    return [each.name for each in wanted(streams, want or Wanted(), failed=failed)]


def test_the_obvious_stream_is_out_of_rank_0() -> None:
    assert names(RANKS) == ["rank 0 .out"]


def test_of_a_failed_run_it_is_err() -> None:
    assert names(RANKS, failed=True) == ["rank 0 .err"]


def test_an_empty_err_of_a_failed_run_says_nothing() -> None:
    assert names([stream("a.out"), stream("a.err", size=0)], failed=True) == ["a.out"]


def test_a_stream_without_rank_comes_before_higher_ranks() -> None:
    assert names([stream("rank 1 .out", 1), stream("train.out")]) == ["train.out"]
    assert names([stream("rank 2 .out", 2), stream("rank 1 .out", 1)]) == ["rank 1 .out"]


def test_where_there_is_only_err_it_is_err() -> None:
    assert names([stream("a.err")]) == ["a.err"]


def test_kinds_can_be_asked_for() -> None:
    assert names(RANKS, Wanted(kinds=("err",))) == ["rank 0 .err"]
    assert names(RANKS, Wanted(kinds=("out", "err"))) == ["rank 0 .out", "rank 0 .err"]


def test_ranks_can_be_asked_for() -> None:
    assert names(RANKS, Wanted(ranks=(1,))) == ["rank 1 .out"]
    assert names([*RANKS, stream("train.out")], Wanted(every_rank=True)) == ["rank 0 .out", "rank 1 .out"]
    assert names(RANKS, Wanted(ranks=(1,), kinds=("out", "err"))) == ["rank 1 .out", "rank 1 .err"]


def test_streams_can_be_asked_for_by_name_or_id() -> None:
    assert names(RANKS, Wanted(names=("rank_1_.err", "rank 0 .out"))) == ["rank 1 .err", "rank 0 .out"]


@pytest.mark.parametrize(
    ("want", "message", "hint"),
    [
        (Wanted(names=("rank 0 .ot",)), "no stream rank 0 .ot", "did you mean rank 0 .out, rank 1 .out"),
        (Wanted(names=("x",)), "no stream x", "there are rank 0 .out, rank 1 .out, rank 0 .err, rank 1 .err"),
        (Wanted(ranks=(7,)), "no such stream", "there are rank 0 .out"),
    ],
)
def test_what_is_not_there_is_an_error_with_what_is(want: Wanted, message: str, hint: str) -> None:
    with pytest.raises(NotFoundError, match=message) as caught:
        wanted(RANKS, want, failed=False)
    assert hint in (caught.value.hint or "")


def test_a_run_without_logs_has_none() -> None:
    assert names([], Wanted(ranks=(7,))) == []
