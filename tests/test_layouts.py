"""Layouts: what is installed, and what a broken one costs."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from spt_cli.logs.layouts import MAX_FILES, Plugin, files, plugins
from spt_cli.model import LogFile, Problem, Run
from tests.packages import distribution, run_python

RUN = Run("r1", "/runs/r1", "r1", "completed", "completed", False)


def test_our_four_layouts_are_installed_and_plain_comes_last() -> None:
    ours = [plugin for plugin in plugins() if plugin.package == "spt-cli"]
    assert [(plugin.name, plugin.error) for plugin in ours] == [
        ("hydra", ""),
        ("slurm", ""),
        ("submitit", ""),
        ("plain", ""),
    ]


def test_a_plugin_knows_its_package_its_version_and_how_long_it_took() -> None:
    hydra = plugins()[0]
    assert (hydra.target, hydra.package, hydra.version) == ("spt_layouts.hydra:find", "spt-cli", "0.1.0")
    assert hydra.seconds > 0


def test_a_scan_does_not_look_for_plugins(tmp_path: Path) -> None:
    code = f"import sys, spt_cli; spt_cli.scan({str(tmp_path)!r}); print('spt_cli.logs.layouts' in sys.modules)"
    assert run_python(code) == "False\n"


def find(*found: object, error: BaseException | None = None) -> Plugin:
    """A layout that yields *found* and then raises *error*."""

    def layout(run: Run, root: Path):  # type: ignore[no-untyped-def] # it yields what no layout may
        yield from found
        if error is not None:
            raise error

    return Plugin("mine", "mine:find", "mine-layouts", "1.0", find=layout)


GOOD = LogFile(Path("/logs/a.log"))
NO_RANK = "yields a rank that is neither None nor a number from 0 to 999,999"


@pytest.mark.parametrize(
    ("nonsense", "cause"),
    [
        ("a.log", "yields str, not LogFile"),
        (LogFile("a.log"), "yields a path that is str, not Path"),  # type: ignore[arg-type] # the nonsense under test
        (LogFile(Path("a"), kind="warn"), "yields kind 'warn', neither 'out' nor 'err'"),
        (LogFile(Path("a"), kind=7), "yields kind 7, neither 'out' nor 'err'"),  # type: ignore[arg-type] # same
        (LogFile(Path("a"), rank=-1), NO_RANK),
        (LogFile(Path("a"), rank=True), NO_RANK),
        (LogFile(Path("a"), rank=10**5000), NO_RANK),  # str() of it raises
        (LogFile(Path("a"), name=7), "yields a name that is int, not str"),  # type: ignore[arg-type] # same
    ],
)
def test_nonsense_ends_a_layout_and_what_came_before_it_counts(nonsense: object, cause: str) -> None:
    assert files(find(GOOD, nonsense, GOOD), RUN, Path("/runs")) == (
        [GOOD],
        Problem("/runs/r1", f"layout mine of mine-layouts 1.0: {cause}", "r1"),
    )


def broken(text: str) -> Exception:
    class Unprintable(Exception):  # noqa: N818 - an exception without manners
        def __str__(self) -> str:
            raise RuntimeError(text)

    return Unprintable()


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (KeyError("sweep"), "KeyError: 'sweep'"),
        (ValueError("two\n  lines"), "ValueError: two lines"),
        (SystemExit("bye"), "SystemExit: bye"),
        (broken("no"), "<exception str() failed>"),
    ],
)
def test_what_a_layout_raises_is_a_problem(error: BaseException, cause: str) -> None:
    found, problem = files(find(GOOD, error=error), RUN, Path("/runs"))
    assert found == [GOOD]
    assert problem is not None
    assert problem.message.startswith("layout mine of mine-layouts 1.0: ")
    assert problem.message.endswith(cause)


def test_the_interrupt_of_the_user_is_not_the_layouts() -> None:
    with pytest.raises(KeyboardInterrupt):
        files(find(error=KeyboardInterrupt()), RUN, Path("/runs"))


@pytest.mark.parametrize("result", [None, 7, LogFile(Path("a.log"))])
def test_a_layout_that_returns_no_iterator_is_a_problem(result: object) -> None:
    plugin = Plugin("mine", "mine:find", "mine-layouts", "", find=lambda *_: result)  # type: ignore[arg-type] # same
    found, problem = files(plugin, RUN, Path("/runs"))
    assert found == []
    assert problem is not None
    assert "TypeError" in problem.message


def test_an_endless_layout_is_cut_off() -> None:
    def endless(run: Run, root: Path):  # type: ignore[no-untyped-def] # it never ends
        while True:
            yield GOOD

    found, problem = files(Plugin("mine", "mine:find", "mine-layouts", "1.0", find=endless), RUN, Path("/runs"))
    assert len(found) == MAX_FILES
    assert problem is not None
    assert problem.message == "layout mine of mine-layouts 1.0: yields more than 10,000 files; the rest is left out"


def test_a_path_is_relative_to_the_run() -> None:
    assert files(find(LogFile(Path("logs/a.log"))), RUN, Path("/runs"))[0] == [LogFile(Path("/runs/r1/logs/a.log"))]


SHOW_PLUGINS = (
    "from spt_cli.logs.layouts import plugins\nfor p in plugins(): print(p.name, p.package, p.version, p.error)"
)
OURS = ["hydra spt-cli 0.1.0 ", "plain spt-cli 0.1.0 ", "slurm spt-cli 0.1.0 ", "submitit spt-cli 0.1.0 "]


def test_each_package_that_cannot_be_loaded_is_named_with_its_cause(tmp_path: Path) -> None:
    sources = {
        "a": ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        "b": ("1 / 0", "ZeroDivisionError: division by zero"),
        "c": ("raise SystemExit(3)", "SystemExit: 3"),
        "d": ("def find(:", "SyntaxError: invalid syntax"),
        "e": ("", "AttributeError: module 'broken_e' has no attribute 'find'"),
        "f": ("find = 7", "broken_f:find is no function"),
    }
    modules = {f"broken_{name}.py": source for name, (source, _) in sources.items()}
    distribution(tmp_path, "broken-layouts", {name: f"broken_{name}:find" for name in sources}, modules)
    shown = run_python(SHOW_PLUGINS, tmp_path).splitlines()
    broken = [line for line in shown if "broken-layouts" in line]
    assert [line.split(" ")[0] for line in broken] == list(sources)
    for line, (_, error) in zip(broken, sources.values(), strict=True):
        assert line.endswith(error)
    assert sorted(line for line in shown if "broken-layouts" not in line) == OURS


def test_a_package_whose_entry_points_are_torn_costs_no_other(tmp_path: Path) -> None:
    distribution(tmp_path, "torn-layouts", {}, {})
    (tmp_path / "torn_layouts-1.0.dist-info" / "entry_points.txt").write_text("[spt_cli.layouts]\nno equals sign\n")
    shown = run_python(SHOW_PLUGINS, tmp_path).splitlines()
    assert sorted(line for line in shown if "torn" not in line) == OURS
    assert [line.split(" ")[:2] for line in shown if "torn" in line] == [["?", "torn-layouts"]]


def test_of_two_installations_the_first_on_the_path_counts(tmp_path: Path) -> None:
    for version in ("1.0", "2.0"):
        module = {"a_layout.py": "def find(run, root): return iter(())"}
        distribution(tmp_path / version, "a-layouts", {"a": "a_layout:find"}, module, version)
    shown = run_python(SHOW_PLUGINS, tmp_path / "2.0", tmp_path / "1.0").splitlines()
    assert [line for line in shown if "a-layouts" in line] == ["a a-layouts 2.0 "]


def test_two_packages_may_use_one_name(tmp_path: Path) -> None:
    source = "def find(run, root): return iter(())"
    distribution(tmp_path, "a-layouts", {"slurm": "a_layout:find"}, {"a_layout.py": source})
    shown = run_python(SHOW_PLUGINS, tmp_path).splitlines()
    assert [line for line in shown if line.startswith("slurm")] == ["slurm a-layouts 1.0 ", "slurm spt-cli 0.1.0 "]


def test_what_a_package_prints_when_it_is_imported_does_not_reach_the_pipe(tmp_path: Path) -> None:
    source = "print('welcome')\ndef find(run, root): return iter(())"
    distribution(tmp_path, "loud-layouts", {"loud": "loud_layout:find"}, {"loud_layout.py": source})
    assert sorted(run_python(SHOW_PLUGINS, tmp_path).splitlines()) == sorted(["loud loud-layouts 1.0 ", *OURS])


def test_a_broken_package_costs_no_log_of_ours(tmp_path: Path) -> None:
    """Import error, exception on call and nonsense together: all logs are found, each failure is named."""
    distribution(
        tmp_path / "site",
        "broken-layouts",
        {name: f"broken_{name}:find" for name in ("importing", "calling", "yielding")},
        {
            "broken_importing.py": "import nowhere_to_be_found",
            "broken_calling.py": "def find(run, root): raise LookupError(run.run_id)",
            "broken_yielding.py": "def find(run, root): yield 'train.log'",
        },
    )
    run = tmp_path / "run"
    run.mkdir()
    (run / "sidecar.json").write_text("{}")
    (run / "train.log").write_text("hello")
    code = textwrap.dedent(
        f"""
        from spt_cli import read_run
        from spt_cli.logs.files import find_logs
        found = find_logs(read_run({str(run)!r}), {str(tmp_path)!r})
        for stream in found.streams: print(stream.name, stream.layout)
        for problem in found.problems: print(problem.message)
        """
    )
    assert run_python(code, tmp_path / "site").splitlines() == [
        "train.log plain",
        "layout calling of broken-layouts 1.0: LookupError: run",
        "layout importing of broken-layouts 1.0: ModuleNotFoundError: No module named 'nowhere_to_be_found'",
        "layout yielding of broken-layouts 1.0: yields str, not LogFile",
    ]


def test_our_layouts_import_only_the_contract() -> None:
    code = "import spt_layouts.submitit, sys; print(sorted(m for m in sys.modules if m.startswith('spt_cli')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['spt_cli', 'spt_cli.model']\n"
