"""Blocking work beside the event loop: what hangs keeps nobody else waiting, and who asks together is served once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from spt_cli.server.work import BusyError, Turns, Workers


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 60))


def test_work_returns_and_raises_as_it_does_elsewhere() -> None:
    def fail() -> None:
        raise KeyError("r")

    async def both() -> int:
        with pytest.raises(KeyError):
            await Workers().do("", fail)
        return await Workers().do("", lambda: 7)

    assert run(both()) == 7


def test_a_disk_that_hangs_keeps_no_other_disk_waiting() -> None:
    hangs = threading.Event()

    async def asked() -> str:
        workers = Workers(threads=2)
        stuck = [asyncio.ensure_future(workers.do("hanging", lambda: hangs.wait(60))) for _ in range(20)]
        try:
            return await workers.do("well", lambda: "answered")
        finally:
            hangs.set()
            await asyncio.gather(*stuck)

    assert run(asked()) == "answered"


def test_no_more_threads_than_allowed_work_for_one_disk() -> None:
    async def asked() -> set[int]:
        workers, both = Workers(threads=2), threading.Barrier(2)

        def work() -> int:
            both.wait(60)  # two at a time, or nobody gets on
            return threading.get_ident()

        return set(await asyncio.gather(*(workers.do("", work) for _ in range(20))))

    assert len(run(asked())) == 2


def test_a_disk_that_does_not_answer_is_busy_and_what_waits_for_it_is_never_begun() -> None:
    hangs, begun = threading.Event(), list[int]()

    async def asked() -> None:
        workers = Workers(threads=1, patience=0.05)
        first = asyncio.ensure_future(workers.do("/disk", lambda: hangs.wait(60)))
        second = asyncio.ensure_future(workers.do("/disk", lambda: begun.append(2)))
        for waiting in (first, second):
            with pytest.raises(BusyError, match=r"/disk did not answer within 0\.05 s"):
                await waiting
        hangs.set()
        assert await Workers().do("/disk", lambda: "again") == "again"

    run(asked())
    assert begun == []


def test_threads_are_used_again() -> None:
    async def asked() -> set[int]:
        workers = Workers()
        threads = set()
        for _ in range(50):
            threads.add(await workers.do("", threading.get_ident))
            while not workers._teams[""]._idle._value:  # a thread is free a moment after its result is there
                await asyncio.sleep(0)
        return threads

    assert len(run(asked())) == 1


class Work:
    """Calls that end when they are let; each returns its number."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        """The number of this call."""
        self.begun += 1
        number = self.begun
        await self.may_end.wait()
        return number


async def settled() -> None:
    """Returns once everything that can go on has gone on."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_who_asks_at_once_shares_one_call() -> None:
    async def asked() -> list[int]:
        turns, work = Turns(), Work()
        work.may_end.set()
        return await asyncio.gather(*(turns.take("key", work) for _ in range(100)))

    assert run(asked()) == [1] * 100


def test_who_asks_while_a_call_runs_gets_the_next_one() -> None:
    """The one that runs may have read the file before the asker was told that it changed."""

    async def asked() -> list[int]:
        turns, work = Turns(), Work()
        first = asyncio.ensure_future(turns.take("key", work))
        await settled()
        later = [asyncio.ensure_future(turns.take("key", work)) for _ in range(100)]
        await settled()
        assert work.begun == 1
        work.may_end.set()
        return [await first, *await asyncio.gather(*later)]

    assert run(asked()) == [1, *[2] * 100]


def test_other_keys_do_not_wait() -> None:
    async def asked() -> None:
        turns, work = Turns(), Work()
        both = [asyncio.ensure_future(turns.take(key, work)) for key in "ab"]
        await settled()
        assert work.begun == 2
        work.may_end.set()
        assert sorted(await asyncio.gather(*both)) == [1, 2]

    run(asked())


def test_who_leaves_takes_nothing_from_the_others() -> None:
    async def asked() -> int:
        turns, work = Turns(), Work()
        first, second = (asyncio.ensure_future(turns.take("key", work)) for _ in range(2))
        await settled()
        first.cancel()
        work.may_end.set()
        return await second

    assert run(asked()) == 1


def test_a_call_that_fails_fails_for_all_who_shared_it_and_no_later_one() -> None:
    async def fail() -> int:
        raise KeyError("r")

    async def asked() -> int:
        turns, work = Turns(), Work()
        both = await asyncio.gather(*(turns.take("key", fail) for _ in range(2)), return_exceptions=True)
        assert [type(error) for error in both] == [KeyError, KeyError]
        work.may_end.set()
        return await turns.take("key", work)

    assert run(asked()) == 1
