"""The selection language: what an expression means, and what is said of names that no run has."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.choice.names import FIELDS, Column, Names
from spt_cli.choice.selection import select, selection
from spt_cli.choice.sorting import keys, ordered
from spt_cli.choice.where import parse
from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.tree.snapshot import scan
from tests.made import a_run
from tests.trees import NOW

HOUR, DAY = 3600.0, 86400.0
LOCAL_MORNING = 1_795_165_200.0  # 2026-11-20T09:00:00Z


def chosen(text: str, *runs: Run, now: float = NOW) -> list[str]:
    holds = parse(text).bind(Names(runs), now=now)
    return [run.run_id for run in runs if holds(run)]


def holds(text: str, **fields: Any) -> bool:
    return bool(chosen(text, a_run(**fields)))


def refusal(text: str, *runs: Run) -> UsageError:
    with pytest.raises(UsageError) as caught:
        chosen(text, *runs)
    return caught.value


A = {
    "run_id": "g0/r1",
    "display_name": "first",
    "state": "failed",
    "status": "failed",
    "tags": ("baseline", "sweep:7"),
    "notes": "lr too high",
    "created_at": NOW - 3 * DAY,
    "ended_at": NOW - 3 * DAY + HOUR,
    "heartbeat_at": NOW - 3 * DAY + HOUR,
    "hparams": {
        "model.width": 64,
        "optim.lr": 0.1,
        "opt": "sgd",
        "flag": True,
        "layers.0": 7,
        "none": None,
        "data-dir": "/d",
        "lambda": 2,
        "größe": 3,
        "state": "hidden",
    },
    "summary": {
        "val/acc": 0.75,
        "val/loss": float("nan"),
        "train-loss": 1.5,
        "eval/5shot": 0.5,
        "top@5": 0.9,
        "worst": float("inf"),
        "epoch": 3,
        "a/b-c.d": 1,
        "2k": 1,
    },
}


@pytest.mark.parametrize(
    "text",
    [
        # names: a field, a metric, an hparam, the last part of one
        'state == "failed"',
        'name == "first"',
        'run_id == "g0/r1"',
        "val/acc > 0.7",
        "acc > 0.7",
        "width >= 64",
        "model.width == 64",
        "lr == 0.1",
        'opt == "sgd"',
        "train-loss > 1",
        "top@5 == 0.9",
        "a/b-c.d == 1",
        "größe == 3",
        'data-dir == "/d"',
        "hparams.optim.lr == 0.1",
        "summary.val/acc == 0.75",
        # names that are no Python
        'hparams["layers.0"] == 7',
        "hparams['lambda'] == 2",
        'summary["eval/5shot"] == 0.5',
        'hparams["state"] == "hidden"',
        # conditions
        "val/acc > 0.7 and width >= 64",
        "val/acc > 0.9 or width >= 64",
        "not val/acc > 0.9",
        "0.7 < val/acc < 0.8",
        "0 < val/acc <= 0.75 < train-loss",
        "(val/acc > 0.9 or width == 64) and lr < 1",
        "width != 65",
        "width == 64.0",
        "worst == inf",
        "epoch > -1",
        "epoch > -1.5e3",
        "val/acc<0.8",
        "val/acc>-1",
        "\n val/acc > 0.7\n\tand width >= 64 ",
        # lists and texts
        '"baseline" in tags',
        '"other" not in tags',
        'state in ("failed", "stale")',
        'state in ["failed"]',
        'state not in {"stale"}',
        "width in (32, 64)",
        '"high" in notes',
        '"low" not in notes',
        'tags == ("baseline", "sweep:7")',
        # truth
        "flag",
        "tags",
        "not archived",
        "not alive",
        "flag == True",
        "flag == true",
        "archived == false",
        "flag == 1",
        "true",
        # missing and NaN
        "none is None",
        "width is not None",
        "heartbeat is not null",
        "val/loss is nan",
        "val/loss != val/loss",
        "val/loss != 3",
        "val/acc is not nan",
        # patterns
        'name.matches("^fi")',
        'notes.matches("too")',
        'model.width is not None and data-dir.matches("^/d$")',
        'tags.matches("^sweep:")',
        r'run_id.matches("r\d$")',
        r'run_id.matches(r"\br1")',
        'hparams["data-dir"].matches("d")',
        # times
        'age > "2d"',
        'age < "4d"',
        '"2d" < age < "4d"',
        "age > 172800",
        'created < "2d"',
        'created > "4d"',
        'duration == 3600 and duration >= "1h" and duration < "61m"',
        "ended > created",
        "created_at == created",
        'created > "2026-11-20T10:00:00Z"',
        'created < "2100-01-01"',
    ],
)
def test_is_true_of_the_run(text: str) -> None:
    assert holds(text, **A)


@pytest.mark.parametrize(
    "text",
    [
        "val/acc > 0.75",
        "width < 64",
        "not flag",
        '"base" in tags',
        'state in ("completed",)',
        'name.matches("first.")',
        "0.7 < val/acc < 0.74",
        # NaN, as IEEE has it
        "val/loss > 0",
        "val/loss <= 0",
        "val/loss == val/loss",
        # what is missing makes every comparison false
        "none == 0",
        "none != 0",
        "none < 1",
        "none in (0, 1)",
        "none not in (0, 1)",
        '"x" in none',
        '"x" not in none',
        "none == none",
        "none != width",
        "none",
        "none is not None",
        'none.matches("")',
        # and so do values of two kinds
        'width == "64"',
        'width != "64"',
        'width < "65"',
        "opt > 3",
        "opt != 3",
        "3 in opt",
        "3 not in opt",
        'width.matches("64")',
        "tags < 3",
        "tags != 3",
        # times
        'age > "4d"',
        'created > "2d"',
    ],
)
def test_is_false_of_the_run(text: str) -> None:
    assert not holds(text, **A)


def test_a_comparison_with_what_is_missing_is_false_and_so_its_opposite_is_true() -> None:
    runs = a_run("with", summary={"acc": 0.5}), a_run("without")
    assert chosen("acc != 0.9", *runs) == ["with"]
    assert chosen("not acc == 0.9", *runs) == ["with", "without"]
    assert chosen("acc is None", *runs) == ["without"]


def test_a_name_means_the_same_for_every_run_of_the_tree() -> None:
    """A metric anywhere hides the hparam of the same name everywhere."""
    runs = a_run("metric", summary={"depth": 3}), a_run("hparam", hparams={"depth": 3})
    assert chosen("depth == 3", *runs) == ["metric"]
    assert chosen('hparams["depth"] == 3', *runs) == ["hparam"]


def test_an_exact_name_goes_before_a_last_part() -> None:
    runs = a_run("exact", hparams={"width": 1}), a_run("part", hparams={"model.width": 1})
    assert chosen("width == 1", *runs) == ["exact"]


def test_a_last_part_of_two_names_is_refused_with_both() -> None:
    error = refusal("width > 1", a_run(hparams={"model.width": 1, "head.width": 2}), a_run(summary={"val/width": 3}))
    assert str(error) == "width could be one of 3 names"
    assert error.hint == "width > 1\n^^^^^\nwrite one of: head.width, model.width, val/width"


def test_candidates_are_written_so_that_they_can_be_pasted() -> None:
    runs = a_run(hparams={"a.0.width": 1, 'b "c".width': 2}), a_run(summary={"d/width": 3})
    hint = refusal("width > 1", *runs).hint or ""
    assert hint.endswith(r'write one of: d/width, hparams["a.0.width"], hparams["b \"c\".width"]')
    assert chosen(r'hparams["b \"c\".width"] == 2', *runs) == ["r"]


def test_an_unknown_name_is_refused_with_the_closest() -> None:
    error = refusal("state == 'failed' and widht > 3", a_run(hparams={"model.width": 64}))
    assert str(error) == "no run has widht"
    assert error.hint == ("state == 'failed' and widht > 3\n                      ^^^^^\ndid you mean model.width?")


def test_the_explicit_form_is_exact() -> None:
    run = a_run(hparams={"model.width": 64}, summary={"acc": 1})
    assert str(refusal('hparams["width"] > 3', run)) == 'no run has hparams["width"]'
    assert str(refusal('hparams["acc"] > 3', run)) == 'no run has hparams["acc"]'


def test_a_state_without_quotes_is_told_to_be_a_text() -> None:
    assert (refusal("state == failed", a_run()).hint or "").endswith('a state is a text: state == "failed"')


def test_an_empty_tree_has_no_names_to_mistake() -> None:
    assert chosen("width > 3") == []


def test_with_unknown_an_unknown_name_is_said_and_missing() -> None:
    run, said = a_run(hparams={"model.width": 64}), list[str]()
    where = parse("widht > 3 or widht is None")
    assert where.bind(Names([run]), now=NOW, unknown=said.append)(run)
    assert said == ["no run has widht; did you mean model.width?"] * 2


def test_mentions_names_wherever_they_stand() -> None:
    for text in ("archived", "not (a > 1 or archived == True)", "1 < archived < 2", 'archived.matches("x")'):
        assert parse(text).mentions("archived")
    for text in ('hparams["archived"]', '"archived" in tags', "a/archived"):
        assert not parse(text).mentions("archived")


def test_alive_runs_last_until_now_and_stale_ones_until_their_last_heartbeat() -> None:
    running = a_run("running", status="running", state="running", alive=True, created_at=NOW - HOUR)
    stale = a_run("stale", status="running", state="stale", created_at=NOW - DAY, heartbeat_at=NOW - DAY + HOUR)
    unknown = a_run("unknown", status="running", state="stale", created_at=NOW - DAY)
    assert chosen("duration == 3600", running, stale, unknown) == ["running", "stale"]
    assert chosen("duration is None", running, stale, unknown) == ["unknown"]


def test_a_time_without_a_zone_is_local(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    run = a_run(created_at=LOCAL_MORNING)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert chosen('"2026-11-20 18:00" <= created <= "2026-11-20T18:00"', run) == ["r"]
        assert chosen('created >= "2026-11-20" and created < "2026-11-21"', run) == ["r"]
        assert chosen('"2026-11-20T09:00:00Z" <= created <= "2026-11-20T10:00:00+01:00"', run) == ["r"]
    finally:
        monkeypatch.undo()
        time.tzset()


VALUES: dict[str, Any] = {"i": 3, "f": 0.5, "n": math.nan, "t": "text", "b": True, "m": None}
LITERALS = st.sampled_from([3, -3, 0.5, 1e300, "text", "tex", "", True, False])
OPERANDS = st.one_of(
    st.sampled_from(sorted(VALUES)).map(lambda name: (name, VALUES[name])),
    LITERALS.map(lambda value: (repr(value), value)),
)
SIGNS = ["==", "!=", "<", "<=", ">", ">="]


def _kind(value: Any) -> str:
    return "text" if isinstance(value, str) else "missing" if value is None else "number"


def _reference(left: Any, sign: str, right: Any) -> bool:
    """What cli says of a comparison, in the plainest way: only two values of one kind compare."""
    if _kind(left) != _kind(right) or left is None:
        return False
    return bool(eval(f"left {sign} right", {"left": left, "right": right}))


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> tuple[str, bool]:
    shape = draw(st.sampled_from(["chain", "chain", "truth", *(["and", "or", "not"] if depth else [])]))
    if shape == "chain":
        parts = draw(st.lists(OPERANDS, min_size=2, max_size=4))
        signs = [draw(st.sampled_from(SIGNS)) for _ in parts[1:]]
        text = parts[0][0] + "".join(f" {sign} {part[0]}" for sign, part in zip(signs, parts[1:], strict=True))
        links = zip(parts, signs, parts[1:], strict=False)
        return text, all(_reference(left[1], sign, right[1]) for left, sign, right in links)
    if shape == "truth":
        name = draw(st.sampled_from(sorted(VALUES)))
        return name, bool(VALUES[name])
    if shape == "not":
        text, value = draw(conditions(depth - 1))
        return f"not ({text})", not value
    (left, first), (right, second) = draw(conditions(depth - 1)), draw(conditions(depth - 1))
    return f"({left}) {shape} ({right})", (first and second) if shape == "and" else (first or second)


@settings(max_examples=200, deadline=None)
@given(conditions(), st.booleans())
def test_an_expression_means_what_its_parts_mean(made: tuple[str, bool], in_summary: bool) -> None:
    text, expected = made
    assert holds(text, **{"summary" if in_summary else "hparams": VALUES}) is expected


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12))
def test_every_key_can_be_asked_for_as_it_is_spelled(key: str) -> None:
    """What errors and completion offer chooses the run that has it."""
    for kind in ("summary", "hparams"):
        values: dict[str, Any] = {kind: {key: 41}}
        run = a_run(**values)
        spelled = Names([run]).spell(Column(kind, key))
        assert chosen(f"{spelled} == 41", run) == ["r"]


def test_a_key_that_another_name_hides_is_spelled_out() -> None:
    names = Names([a_run(summary={"state": 1, "lr": 1}, hparams={"lr": 1, "state": 1, "layers.0": 1})])
    columns = [
        Column("field", "state"),
        *(Column(kind, key) for kind in ("summary", "hparams") for key in ("state", "lr")),
    ]
    assert [names.spell(column) for column in columns] == [
        "state",
        'summary["state"]',
        "lr",
        'hparams["state"]',
        'hparams["lr"]',
    ]


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_field_can_be_asked_for(field: str) -> None:
    assert holds(f"{field} is None or {field} == {field}", **A)


def _examples() -> list[str]:
    page = (Path(__file__).parents[1] / "docs" / "where.md").read_text()
    return [line.strip() for line in page.splitlines() if line.startswith("    spt ")]


@pytest.mark.parametrize("line", _examples())
def test_the_examples_of_the_manual_choose_some_of_the_real_runs(line: str, real_runs: Path) -> None:
    runs = list(scan(real_runs, now=NOW).runs.values())
    options = dict(zip(*[iter(shlex.split(line)[2:])] * 2, strict=False))  # --alive, the only one alone, stands last
    given = selection(
        options.get("-w"),
        states=[options["--state"]] if "--state" in options else [],
        tags=[options["--tag"]] if "--tag" in options else [],
        alive="--alive" in line,
        since=options.get("--since"),
        before=options.get("--before"),
    )
    found = select(runs, given, now=max(run.created_at or 0 for run in runs) + DAY)
    ordered(found, keys(options.get("--sort", "created")), names=Names(runs), now=NOW)
    assert found
