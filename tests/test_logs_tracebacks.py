"""The last Python traceback of a log, as CPython, rich and launchers write them."""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import rich.console
import rich.traceback
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.logs.files import chunks
from spt_cli.logs.text import lines
from spt_cli.logs.tracebacks import last_traceback
from tests.test_logs_text import SEQUENCES


def simple() -> None:
    raise ValueError("bad value")


def context() -> None:
    try:
        simple()
    except ValueError:
        raise KeyError("missing")  # noqa: B904 - the missing `from` is the case under test


def cause() -> None:
    try:
        context()
    except KeyError as error:
        raise RuntimeError("two lines\nof message") from error


def group() -> None:
    failures = []
    for failing in (simple, context):
        try:
            failing()
        except (ValueError, KeyError) as error:
            failures.append(error)
    raise ExceptionGroup("several", failures)


def chained_group() -> None:
    try:
        group()
    except ExceptionGroup as error:
        raise RuntimeError("after the group") from error


def recursion() -> None:
    recursion()


def noted() -> None:
    error = ValueError("with notes")
    error.add_note("first note")
    raise error


def bare() -> None:
    raise KeyboardInterrupt


def local() -> None:
    class Odd(Exception):  # noqa: N818 - its name does not tell either
        pass

    raise Odd


def warned() -> None:
    raise DeprecationWarning("x: y")


FAILING = [simple, context, cause, group, chained_group, recursion, noted, bare, local, warned]


def written(failing: Callable[[], None]) -> list[str]:
    """What CPython prints for it."""
    try:
        failing()
    except BaseException:  # noqa: BLE001 - KeyboardInterrupt is among them
        return traceback.format_exc().splitlines()
    raise AssertionError("it did not fail")


def boxed(failing: Callable[[], None]) -> list[str]:
    """What rich prints for it."""
    try:
        failing()
    except BaseException:  # noqa: BLE001 - same
        file = io.StringIO()
        console = rich.console.Console(file=file, width=100, force_terminal=True)
        console.print(rich.traceback.Traceback(width=100))
        return file.getvalue().splitlines()
    raise AssertionError("it did not fail")


def found(text: list[str]) -> list[str]:
    trace = last_traceback(line.encode() for line in text)
    return list(trace.lines) if trace else []


def stripped(text: list[str]) -> list[str]:
    return [line.rstrip() for line in text]


BEFORE = ["epoch 0 done", "", "[2026-11-23 07:56:39,587][train][INFO] - step 1", "  indented"]
AFTER = [
    "",
    "Set the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.",
    "srun: error: task 0",
    "Bye",
]


@pytest.mark.parametrize("failing", FAILING)
def test_a_traceback_is_found_whole_among_other_lines(failing: Callable[[], None]) -> None:
    assert found([*BEFORE, *written(failing), *AFTER]) == stripped(written(failing))


@pytest.mark.parametrize("failing", FAILING)
def test_it_is_told_at_which_line_a_traceback_begins(failing: Callable[[], None]) -> None:
    text = [*BEFORE, *written(simple), *BEFORE, *written(failing), *AFTER]
    trace = last_traceback(line.encode() for line in text)
    assert trace
    assert trace.first == 2 * len(BEFORE) + len(written(simple))


@pytest.mark.parametrize("failing", FAILING)
@pytest.mark.parametrize("prefix", ["[rank0]: ", "0: ", "host1 | ", "(RayTrainWorker pid=7) "])
def test_a_prefix_of_each_line_is_taken_off(failing: Callable[[], None], prefix: str) -> None:
    text = [prefix + line for line in written(failing)]
    assert found([*BEFORE, *text, *AFTER]) == stripped(written(failing))


@pytest.mark.parametrize("failing", FAILING)
def test_a_prefix_may_be_the_time(failing: Callable[[], None]) -> None:
    text = [
        f"2026-11-23T06:51:{second % 60:02}.{second}Z stderr F {line}" for second, line in enumerate(written(failing))
    ]
    assert found([*BEFORE, *text, *AFTER]) == stripped(written(failing))


@pytest.mark.parametrize("failing", FAILING)
def test_ranks_that_fail_at_once_are_told_apart(failing: Callable[[], None]) -> None:
    """Interleaved line by line; the one that begins last is shown."""
    zero = [f"[rank0]: {line}" for line in written(simple)]
    one = [f"[rank1]: {line}" for line in written(failing)]
    mixed = [line for pair in zip(zero, one, strict=False) for line in pair] + zero[len(one) :] + one[len(zero) :]
    assert found(mixed) == stripped(written(failing))


def test_the_one_that_begins_last_is_shown_also_when_another_goes_on_longer() -> None:
    zero = [f"[rank0]: {line}" for line in written(cause)]
    one = [f"[rank1]: {line}" for line in written(simple)]
    assert found([zero[0], *one, *zero[1:]]) == written(simple)


@pytest.mark.parametrize("first", [0, 1])
def test_one_with_a_prefix_and_one_without_are_told_apart(first: int) -> None:
    prefixed = [f"[rank0]: {line}" for line in written(simple)]
    both = [written(context), prefixed] if first else [prefixed, written(context)]
    mixed = [line for pair in zip(*both, strict=False) for line in pair] + written(context)[len(prefixed) :]
    assert found(mixed) == (written(simple) if first else written(context))


@pytest.mark.parametrize("failing", [simple, context, bare])
def test_the_box_of_rich_is_a_traceback(failing: Callable[[], None]) -> None:
    text = [line for line in found([*BEFORE, *boxed(failing), *AFTER]) if line]
    assert text[0].startswith("╭─")
    assert text[-1] == stripped(written(failing))[-1]
    assert sum(line.startswith("╭─") for line in text) == sum(line.startswith("Traceback") for line in written(failing))


def test_the_last_of_several_is_shown() -> None:
    assert found([*written(simple), "retrying", *written(context), *AFTER]) == written(context)
    assert found([*written(context), *written(simple)]) == written(simple)


def test_what_stands_before_the_head_alone_is_no_prefix() -> None:
    head, *rest = written(simple)
    text = [f"2026-11-23 06:51:22 ERROR worker failed: {head}", *rest, *AFTER]
    assert found(text) == written(simple)
    assert found([*written(context), *text]) == written(simple)


def test_lines_of_other_writers_between_the_frames_are_left_out() -> None:
    head, *rest, error = written(simple)
    assert found([head, "epoch 3 done", *rest, "[rank1]: step 7", error]) == written(simple)


def test_a_message_goes_on_to_an_empty_line_or_a_log_record() -> None:
    text = [
        *written(simple)[:-1],
        "torch.AcceleratorError: CUDA error: device-side assert triggered",
        "CUDA kernel errors might be asynchronously reported at some other API call",
        "\tfor debugging consider passing CUDA_LAUNCH_BLOCKING=1",
    ]
    assert found([*text, "", "more"]) == text
    assert found([*text, "[2026-11-23 07:56:39,587][train][INFO] - step 1"]) == text
    assert found([*text, "2026-11-23 06:51:22.882 | INFO     | logger"]) == text
    assert found([*text, "srun: error: task 0: exited with exit code 1"]) == text


def test_a_traceback_that_breaks_off_is_shown_as_far_as_it_goes() -> None:
    assert found([*BEFORE, *written(context)[:-1]]) == written(context)[:-1]


def test_a_head_alone_does_not_hide_the_traceback_before_it() -> None:
    assert found([*written(simple), "Traceback (most recent call last):", "epoch 1 done"]) == written(simple)


def test_a_traceback_that_breaks_off_does_not_go_on_much_later() -> None:
    broken = written(simple)[:-1]
    assert found([*broken, *["epoch 1 done"] * 20, "  File more"]) == [*broken, "  File more"]
    assert found([*broken, *["epoch 1 done"] * 21, "  File more"]) == broken


def test_colours_are_taken_off() -> None:
    coloured = [f"\x1b[35m{line[:4]}\x1b[0m{line[4:]}" for line in written(simple)]
    assert found(coloured) == written(simple)


@pytest.mark.parametrize(
    "text", [[], BEFORE, AFTER, ["(most recent call last)"], ["Traceback (most recent call last):"]]
)
def test_a_log_without_one(text: list[str]) -> None:
    assert found(text) == []


def test_the_traceback_of_the_real_run_that_failed(real_runs: Path) -> None:
    log = real_runs / "cache/runs/20261123/065122/881291/slurm-881291.err"
    trace = last_traceback(lines(chunks(log)))
    assert trace
    assert (trace.lines[0], len(trace.lines)) == ("Traceback (most recent call last):", 75)
    assert trace.lines[-1] == "RuntimeError: CUDA error: device-side assert triggered (simulated crash)"


def test_of_more_than_64_under_way_the_oldest_is_given_up() -> None:
    """Each line is compared with the prefix of each: a hostile log may not make that many."""
    heads = [f"{number} {written(simple)[0]}" for number in range(65)]
    frames = [f"{number} {written(simple)[1]}" for number in (1, 0)]
    assert found([*heads, frames[1]]) == []
    assert found([*heads, frames[0]]) == written(simple)[:2]


PARTS = st.sampled_from(
    [
        b"Traceback (most recent call last):",
        b"  + Exception Group Traceback (most recent call last):",
        "╭─ Traceback (most recent call last) ─╮".encode(),
        b"During handling of the above exception, another exception occurred:",
        b"  File x",
        b"  | ",
        b"ValueError: x",
        b"[rank0]: ",
        b"12:00:00 ",
        b"\n",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(PARTS, SEQUENCES), max_size=40).map(b"".join))
def test_any_bytes_are_read(data: bytes) -> None:
    trace = last_traceback(lines([data]))
    assert all(line.isprintable() or "\t" in line for line in (trace.lines if trace else ()))
