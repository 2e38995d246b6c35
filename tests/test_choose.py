"""RUN arguments, on trees on disk."""

from __future__ import annotations

import io
import math
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from spt_cli.choice.choose import choose, expanded, match
from spt_cli.choice.selection import selection
from spt_cli.errors import NotFoundError, SptError, UsageError
from spt_cli.tree.roots import Forest, gather, resolve, typed_path
from tests.trees import NOW, Tree


def shown(tree: Tree, *references: str, where: str | None = None, **options: Any) -> list[str]:
    roots, _ = resolve([str(tree.root)], environ={})
    chosen = choose(references or None, roots, selection=selection(where, **options), now=NOW)
    return [one.shown for one in chosen]


@pytest.fixture
def many(tree: Tree) -> Tree:
    """Runs whose ids share beginnings and last parts."""
    tree.run("g0/r1", at=NOW - 400, summary={"val/acc": 0.5, "val/loss": 0.1, "width": 3})
    tree.run("g0/r2", at=NOW - 300, summary={"val/acc": 0.9, "val/loss": 0.7})
    tree.run("g1/r2", at=NOW - 200, summary={"val/acc": 0.9, "val/loss": math.nan}, status="failed")
    tree.run("g1/seed-7", at=NOW - 500)
    tree.run("old", at=NOW - 100, archived=True, summary={"val/acc": 1.0, "val/loss": 0.0})
    return tree


@pytest.mark.parametrize(
    ("reference", "run_id"),
    [
        ("g0/r1", "g0/r1"),
        ("r1", "g0/r1"),
        ("seed", "g1/seed-7"),
        ("g1/s", "g1/seed-7"),
        ("g0/r1/", "g0/r1"),
        ("old", "old"),
        ("o", "old"),
        ("@latest", "g1/r2"),
        ("@best:val/acc", "g1/r2"),
        ("@best:acc", "g1/r2"),
        ("@best:val/loss", "g0/r1"),
        ("@best:width", "g0/r1"),
        ('@best:summary["val/loss"]', "g0/r1"),
    ],
)
def test_a_reference_means_a_run(many: Tree, reference: str, run_id: str) -> None:
    assert shown(many, reference) == [run_id]


IDS = ["a", "b/a", "b/ab", "abc/x", "abc/y", "@latest-one", "q/a.1", "q/a.2"]


@pytest.mark.parametrize(
    ("reference", "run_id"),
    [
        ("a", "a"),  # an exact id, though it is the last part of another and begins many
        ("b/a", "b/a"),
        ("ab", "b/ab"),  # a last part, though it begins an id
        ("abc/x", "abc/x"),
        ("b/ab", "b/ab"),
        ("@lat", "@latest-one"),
        ("a.2", "q/a.2"),
    ],
)
def test_exact_goes_before_beginning_and_last_parts_before_ids(reference: str, run_id: str) -> None:
    assert match(reference, IDS) == run_id


@pytest.mark.parametrize(
    ("reference", "candidates"), [("abc", "abc/x\nabc/y"), ("a.", "q/a.1\nq/a.2"), ("q", "q/a.1\nq/a.2")]
)
def test_an_ambiguous_reference_is_refused_with_its_candidates(reference: str, candidates: str) -> None:
    with pytest.raises(UsageError, match="could be 2 runs") as caught:
        match(reference, IDS)
    assert caught.value.hint == candidates


def test_ten_candidates_are_enough() -> None:
    with pytest.raises(UsageError, match="r could be 12 runs") as caught:
        match("r", [f"g/r{number:02}" for number in range(12)])
    assert caught.value.hint == "\n".join([*(f"g/r{number:02}" for number in range(10)), "… and 2 more"])


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("sede-7", "did you mean g1/seed-7?"),
        ("eed", "did you mean g1/seed-7?"),
        ("g9/seed-8", "did you mean g1/seed-7?"),
        ("zzz", None),
        ("", None),
    ],
)
def test_an_unknown_reference_is_not_found_and_similar_ones_are_named(reference: str, hint: str | None) -> None:
    with pytest.raises(NotFoundError) as caught:
        match(reference, ["g0/r1", "g1/seed-7"])
    assert caught.value.hint == hint


def test_each_run_comes_once_in_the_order_asked(many: Tree) -> None:
    assert shown(many, "seed", "r1", "g1/seed-7", f"{many.root}/g0/r1") == ["g1/seed-7", "g0/r1"]


def test_what_ls_prints_as_names_works_as_folders(many: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(many.root)
    roots, _ = resolve([], environ={})
    forest = gather(roots, now=NOW)
    names = [typed_path(*forest.place(run_id)) for run_id in forest.runs]
    assert [one.shown for one in choose(names, roots, now=NOW)] == list(forest.runs)


OPENED: list[str] | None = None  # absolute paths opened since a test began to look; None: nobody looks


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if OPENED is not None and event == "open" and isinstance(arguments[0], str) and arguments[0].startswith("/"):
        OPENED.append(arguments[0])


sys.addaudithook(_note)


def test_a_folder_is_read_without_looking_at_any_other(many: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    roots, _ = resolve([str(many.root)], environ={})
    opened: list[str] = []
    monkeypatch.setattr(f"{__name__}.OPENED", opened)
    (one,) = choose([f"{many.root}/g0/r1"], roots, now=NOW)
    assert (one.shown, one.root) == ("g0/r1", str(many.root))
    assert set(opened) == {f"{many.root}/g0/r1"}
    choose(["g0/r1"], roots, now=NOW)
    assert str(many.root) in opened


def test_a_folder_outside_every_root_stands_alone(many: Tree, tmp_path: Path) -> None:
    for name in ("x/r", "y/r"):
        Tree(tmp_path / "elsewhere").run(name)
    roots, _ = resolve([str(many.root)], environ={})
    chosen = choose([f"{tmp_path}/elsewhere/x/r"], roots, now=NOW)
    assert [(one.shown, one.run.run_id, os.path.ismount(one.root)) for one in chosen] == [("r", "r", True)]
    both = choose([f"{tmp_path}/elsewhere/{name}" for name in ("x/r", "y/r")], roots, now=NOW)
    assert [one.shown for one in both] == [f"{tmp_path}/elsewhere/x/r", f"{tmp_path}/elsewhere/y/r"]


def test_a_folder_belongs_to_the_innermost_root(tree: Tree) -> None:
    tree.run("r1")
    inner = tree.run("r1/wandb/r2")
    roots, _ = resolve([str(tree.root), str(tree.root / "r1/wandb")], environ={})
    (one,) = choose([str(inner)], roots, selection=selection("True"), now=NOW)
    assert (one.shown, one.root) == ("wandb/r2", str(tree.root / "r1/wandb"))


def test_a_folder_that_no_scan_comes_to_is_not_left_out_by_a_selection_that_it_meets(tree: Tree) -> None:
    tree.run("r1")
    inner = tree.run("r1/wandb/r2", status="failed")
    assert shown(tree, str(inner), where='state == "failed"') == ["r1/wandb/r2"]
    with pytest.raises(NotFoundError, match="not among the chosen"):
        shown(tree, str(inner), where='state == "completed"')


def test_a_folder_that_is_no_run_is_looked_up_as_an_id(many: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(many.root)
    (many.root / "seed").mkdir()
    assert shown(many, "seed") == ["g1/seed-7"]
    with pytest.raises(UsageError, match="g0 could be 2 runs"):
        shown(many, "g0")


def test_a_folder_whose_sidecar_cannot_be_read_says_so(many: Tree) -> None:
    many.write("g0/r1/sidecar.json", "{")
    with pytest.raises(SptError, match=r"sidecar\.json"):
        shown(many, f"{many.root}/g0/r1")


def test_a_linked_folder_is_the_run_it_leads_to(many: Tree, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(many.root / "g0/r1")
    assert shown(many, str(tmp_path / "link")) == ["g0/r1"]


def test_several_roots_are_told_apart_by_label(tmp_path: Path) -> None:
    for name in ("a/runs", "b/runs"):
        Tree(tmp_path / name).run("g/r")
    roots, _ = resolve(["a/runs", "b/runs"], environ={}, cwd=str(tmp_path))
    for reference in ("runs-2/g/r", f"{tmp_path}/b/runs/g/r", "runs-2"):
        (one,) = choose([reference], roots, now=NOW)
        assert (one.shown, one.run.run_id, one.root) == ("runs-2/g/r", "g/r", f"{tmp_path}/b/runs")
    with pytest.raises(UsageError, match="r could be 2 runs"):
        choose(["r"], roots, now=NOW)


def test_latest_and_best_pass_over_archived_runs_unless_asked(many: Tree) -> None:
    assert shown(many, "@latest", archived=True) == ["old"]
    assert shown(many, "@best:acc", "@best:loss", archived=True) == ["old"]


def test_of_equally_good_runs_the_newest_is_best(many: Tree) -> None:
    assert shown(many, "@best:acc", where="status == 'completed'") == ["g0/r2"]
    assert shown(many, "@best:acc") == ["g1/r2"]


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        ("@best:ac", "no run has ac", "did you mean val/acc?"),
        ("@best:notes", "no run has a value of notes", None),
        ("@best:", "no run has ", None),
    ],
)
def test_best_of_what_no_run_has_is_not_found(many: Tree, reference: str, message: str, hint: str | None) -> None:
    with pytest.raises(NotFoundError) as caught:
        shown(many, reference)
    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_another_at_is_wrong_usage(many: Tree) -> None:
    with pytest.raises(UsageError, match="@last is no run"):
        shown(many, "@last")


def test_latest_of_an_empty_tree_is_not_found(tree: Tree) -> None:
    with pytest.raises(NotFoundError):
        shown(tree, "@latest")


def test_without_references_the_selection_chooses_newest_first(many: Tree) -> None:
    assert shown(many, where="val/acc >= 0.5") == ["g1/r2", "g0/r2", "g0/r1"]
    assert shown(many, states=["failed"]) == ["g1/r2"]
    assert shown(many, where="archived") == ["old"]
    assert shown(many, where="val/acc > 5") == []


def test_without_references_and_selection_it_asks_which_run(many: Tree) -> None:
    with pytest.raises(UsageError, match="which run"):
        shown(many)


def test_with_a_selection_references_mean_only_what_it_chooses(many: Tree) -> None:
    assert shown(many, "r2", where="state == 'failed'") == ["g1/r2"]
    assert shown(many, "@latest", where="state == 'completed'") == ["g0/r2"]
    assert shown(many, "old", f"{many.root}/old", where="val/acc > 0.9") == ["old"]
    for reference in ("g0/r2", f"{many.root}/g0/r2"):
        with pytest.raises(NotFoundError, match="is not among the chosen runs"):
            shown(many, reference, where="state == 'failed'")


def test_a_selection_holds_outside_the_roots_too(many: Tree, tmp_path: Path) -> None:
    outside = Tree(tmp_path / "elsewhere").run("g0/r1", hparams={"width": 1})
    assert shown(many, str(outside), where="width == 1") == ["r1"]
    with pytest.raises(NotFoundError, match="is not among the chosen runs"):
        shown(many, str(outside), where="width == 2")


def test_stdin_gives_one_reference_a_line() -> None:
    stdin = io.BytesIO(b"g0/r1\r\n\n-odd\n caf\xe9 \n")
    assert expanded(["first", "-", "last"], stdin) == ["first", "g0/r1", "-odd", os.fsdecode(b" caf\xe9 "), "last"]


def test_with_null_a_reference_may_hold_line_ends() -> None:
    assert expanded(["-"], io.BytesIO(b"a\nb\0c\0"), null=True) == ["a\nb", "c"]


def test_an_empty_stdin_asks_for_no_run_and_no_argument_for_none_in_particular() -> None:
    assert expanded(["-"], io.BytesIO(b"")) == []
    assert expanded(None, io.BytesIO(b"x")) is None
    assert expanded([], io.BytesIO(b"x")) is None
    assert choose([], (), now=NOW) == []


@pytest.mark.parametrize("reference", ["3_1", "881290"])
def test_a_slurm_job_is_found_by_its_number(real_runs: Path, reference: str) -> None:
    roots, _ = resolve([str(real_runs)], environ={})
    (one,) = choose([reference], roots, now=NOW)
    assert one.shown.endswith(f"/{reference}")
    assert choose([one.run.run_dir], roots, now=NOW) == [one]


def test_a_metric_of_several_names_is_ambiguous(real_runs: Path) -> None:
    roots, _ = resolve([str(real_runs)], environ={})
    with pytest.raises(UsageError) as caught:
        choose(["@best:loss"], roots, now=NOW)
    assert caught.value.hint == "write one of: train/loss, val/loss"


def test_a_scan_that_the_caller_makes_is_used_and_made_once(many: Tree) -> None:
    roots, _ = resolve([str(many.root)], environ={})
    scans: list[int] = []

    def look() -> Forest:
        scans.append(1)
        return gather(roots, now=NOW)

    choose([f"{many.root}/g0/r1"], roots, now=NOW, look=look)
    assert scans == []
    assert [one.shown for one in choose(["r1", "seed"], roots, now=NOW, look=look)] == ["g0/r1", "g1/seed-7"]
    assert scans == [1]
