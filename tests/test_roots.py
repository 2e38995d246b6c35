"""ROOT arguments, on trees on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spt_cli.model import Other, Problem
from spt_cli.tree.roots import Root, gather, join, resolve, typed_path
from spt_cli.tree.snapshot import scan
from tests.trees import NOW, Tree


def found(arguments: list[str], cwd: Path, **environ: str) -> list[tuple[str, str]]:
    """Path and label of each root, which are all there."""
    roots, problems = resolve(arguments, environ=environ, cwd=str(cwd))
    assert problems == ()
    return [(root.path, root.label) for root in roots]


def ids(roots: tuple[Root, ...]) -> dict[str, str]:
    """Shown id -> path as `-o name` prints it."""
    forest = gather(roots, now=NOW)
    return {shown: typed_path(*forest.place(shown)) for shown in sorted(forest.runs)}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a/runs, b/runs and cache/runs."""
    for name in ("a/runs", "b/runs", "cache/runs"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def test_arguments_go_before_spt_root_before_the_cache_before_here(place: Path) -> None:
    everything = {"SPT_ROOT": "b/runs", "SPT_CACHE_DIR": "cache"}
    assert found(["a"], place, **everything) == [(f"{place}/a", "a")]
    assert found([], place, **everything) == [(f"{place}/b/runs", "runs")]
    assert found([], place, SPT_CACHE_DIR="cache") == [(f"{place}/cache/runs", "runs")]
    assert found([], place, SPT_ROOT="", SPT_CACHE_DIR="") == [(str(place), place.name)]


def test_spt_root_holds_several(place: Path) -> None:
    assert found([], place, SPT_ROOT=f"a:{place}/b::") == [(f"{place}/a", "a"), (f"{place}/b", "b")]


def test_labels_are_last_parts_made_unique(place: Path) -> None:
    (place / "runs-2").mkdir()
    arguments = ["a/runs", "runs-2", "b/runs/", f"{place}/cache/runs/."]
    labels = [label for _, label in found(arguments, place)]
    assert labels == ["runs", "runs-2", "runs-3", "runs-4"]


def test_home_is_expanded_where_no_shell_did(place: Path) -> None:
    assert found(["~/a"], place, HOME=str(place)) == [(f"{place}/a", "a")]
    assert found([], place, HOME=str(place), SPT_ROOT="~:~/a") == [(str(place), place.name)]


def test_a_linked_root_is_followed_and_keeps_its_label(place: Path) -> None:
    (place / "link").symlink_to("a/runs")
    assert found(["link"], place) == [(f"{place}/a/runs", "link")]


def test_a_root_given_twice_or_inside_another_counts_once(place: Path) -> None:
    (place / "link").symlink_to("a")
    assert found(["a/runs", "a", "a/", f"{place}/a/../a", "link", "b"], place) == [
        (f"{place}/a", "a"),
        (f"{place}/b", "b"),
    ]


def test_a_root_in_a_folder_that_the_scan_of_another_leaves_out_counts_too(tree: Tree) -> None:
    tree.run("wandb/r1")
    tree.run("wandb/r1/wandb/r2")
    arguments = [str(tree.root / name) for name in (".", "wandb", "wandb/r1/wandb")]
    roots, _ = resolve(arguments, environ={})
    assert [root.label for root in roots] == ["runs", "wandb"]
    assert sorted(gather(roots, now=NOW).runs) == ["runs/wandb/r1", "wandb/r2"]


def test_a_folder_whose_name_begins_as_another_is_not_inside_it(place: Path) -> None:
    (place / "a2").mkdir()
    assert [path for path, _ in found(["a", "a2"], place)] == [f"{place}/a", f"{place}/a2"]


def test_spaces_and_bytes_that_are_not_utf8_are_names_as_any(place: Path) -> None:
    odd = os.fsdecode(b"caf\xe9 \n runs ")
    tree = Tree(place / odd)
    tree.run("r 1")
    (root,), _ = resolve([odd], environ={}, cwd=str(place))
    assert (root.label, ids((root,))) == (odd, {"r 1": f"{odd}/r 1"})


def test_what_is_no_folder_is_a_problem_and_the_others_are_roots(place: Path) -> None:
    (place / "file").touch()
    (place / "loop").symlink_to("loop")
    roots, problems = resolve(["gone", "a", "file", "file/x", "", "loop"], environ={}, cwd=str(place))
    assert [root.path for root in roots] == [f"{place}/a"]
    assert problems == (
        Problem("gone", "no such folder"),
        Problem("file", "not a folder"),
        Problem("file/x", "not a folder"),
        Problem("", "no such folder"),
        Problem("loop", "too many levels of symbolic links"),
    )


def test_a_missing_root_that_nobody_typed_says_where_it_comes_from(place: Path) -> None:
    for variable in ({"SPT_ROOT": "gone"}, {"SPT_CACHE_DIR": "gone"}):
        _, (problem,) = resolve([], environ=variable, cwd=str(place))
        assert problem.message == f"no such folder (from ${next(iter(variable))})"


def test_one_root_has_plain_ids_and_paths_as_find_prints_them(tree: Tree) -> None:
    tree.run("g0/r1")
    tree.run("-r2")
    here, above = str(tree.root), str(tree.root.parent)
    for typed, cwd, prefix in (
        ("runs", above, "runs/"),
        ("runs/", above, "runs/"),
        (".", here, "./"),
        (here, "/", f"{here}/"),
    ):
        roots, _ = resolve([typed], environ={}, cwd=cwd)
        assert ids(roots) == {"-r2": f"{prefix}-r2", "g0/r1": f"{prefix}g0/r1"}


def test_a_path_never_begins_like_an_option(tmp_path: Path) -> None:
    Tree(tmp_path / "-runs").run("r")
    roots, _ = resolve(["-runs"], environ={}, cwd=str(tmp_path))
    assert ids(roots) == {"r": "./-runs/r"}


def test_a_root_that_is_a_run_has_its_own_name(tree: Tree) -> None:
    tree.run("r1")
    tree.run("r1/nested")
    roots, _ = resolve(["runs/r1"], environ={}, cwd=str(tree.root.parent))
    assert ids(roots) == {"nested": "runs/r1/nested", "r1": "runs/r1"}


def test_several_roots_have_labelled_ids_and_a_way_back(tmp_path: Path) -> None:
    for name in ("a/runs", "b/runs"):
        Tree(tmp_path / name).run("g/r")
    Tree(tmp_path / "b/runs").run("bad")
    (tmp_path / "b/runs/bad/sidecar.json").write_text("{")
    Tree(tmp_path / "b/runs").write("never/run_meta.json", "{}")
    roots, _ = resolve(["a/runs", "b/runs"], environ={}, cwd=str(tmp_path))
    forest = gather(roots, now=NOW)
    assert ids(roots) == {"runs/g/r": "a/runs/g/r", "runs-2/g/r": "b/runs/g/r"}
    assert {shown: run.run_id for shown, run in forest.runs.items()} == {shown: shown for shown in forest.runs}
    assert forest.place("runs-2/g/r") == (roots[1], scan(roots[1].path, now=NOW).runs["g/r"])
    assert [problem.run_id for problem in forest.problems] == ["runs-2/bad"]
    assert forest.other == (Other("runs-2/never", "never started"),)
    for unknown in ("runs/x", "x/g/r", "runs-2/bad", ""):
        with pytest.raises(KeyError):
            forest.place(unknown)


def test_gather_reuses_what_it_knows_of_each_root(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Tree(tmp_path / name).run("r")
    roots, _ = resolve(["a", "b"], environ={}, cwd=str(tmp_path))
    before = gather(roots, now=NOW)
    after = gather(roots, before, now=NOW)
    for old, new in zip(before.snapshots, after.snapshots, strict=True):
        assert new.runs["r"] is old.runs["r"]


def test_a_root_that_vanishes_before_the_scan_is_a_problem(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Tree(tmp_path / name).run("r")
    roots, _ = resolve(["a", "b"], environ={}, cwd=str(tmp_path))
    (tmp_path / "b").rename(tmp_path / "c")
    forest = gather(roots, now=NOW)
    assert list(forest.runs) == ["a/r"]
    assert forest.problems == (Problem(f"{tmp_path}/b", f"no such folder: {tmp_path}/b"),)
    (tmp_path / "c").rename(tmp_path / "b")
    assert list(gather(roots, forest, now=NOW).runs) == ["a/r", "b/r"]


def test_no_roots_are_an_empty_forest() -> None:
    assert join((), ()).runs == {}
