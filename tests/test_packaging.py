"""spt installed as its users do it: the wheel, the sdist and editable, each in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import spt_cli

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SPT_", "VIRTUAL_ENV"))}


def run(*command: str | Path, cwd: Path) -> str:
    """What *command* prints; it must succeed."""
    done = subprocess.run(command, cwd=cwd, env=ENVIRON, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def project() -> dict[str, Any]:
    """The table [project] of pyproject.toml."""
    with open(CHECKOUT / "pyproject.toml", "rb") as file:
        table: dict[str, Any] = tomllib.load(file)["project"]
    return table


def held(folder: Path) -> set[Path]:
    """The files below *folder*."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where no package index answers."""
    pinned = next(
        line for line in (CHECKOUT / "constraints.txt").read_text().splitlines() if line.startswith("iniconfig")
    )
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--retries=1", pinned]
    if subprocess.run(command, cwd=tmp_path_factory.mktemp("index"), capture_output=True, check=False).returncode:
        pytest.skip("the package index cannot be reached")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sdist, and the wheel that was built from it. Hatchling is the installed one: no index is needed."""
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, CHECKOUT, cwd=dist)
    return {"sdist": next(dist.glob("*.tar.gz")), "wheel": next(dist.glob("*.whl"))}


@pytest.fixture(scope="session", params=["wheel", "sdist", "editable", "lowest"])
def installed(
    request: pytest.FixtureRequest, index: None, built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a fresh environment with spt in it; in `lowest`, of the oldest versions that it asks for."""
    folder = tmp_path_factory.mktemp(request.param)
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    what = ["--editable", CHECKOUT] if request.param == "editable" else [built.get(request.param, built["wheel"])]
    constraints = CHECKOUT / "constraints.txt"
    if request.param == "lowest":
        constraints = folder / "lowest.txt"
        constraints.write_text("\n".join(line.replace(">=", "==") for line in project()["dependencies"]))
    run(folder / "bin" / "pip", "install", "--quiet", "-c", constraints, *what, cwd=folder)
    return folder


@pytest.mark.env
def test_the_wheel_holds_the_program_and_nothing_else(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = wheel.namelist()
    version = spt_cli.__version__
    assert {name.split("/")[0] for name in names} == {"spt_cli", "spt_layouts", f"spt_cli-{version}.dist-info"}
    expected = ["spt_cli/py.typed", "spt_layouts/py.typed", "spt_cli/docs/exit-codes.md", "spt_cli/templates/README.md"]
    assert [name for name in expected if name not in names] == []


@pytest.mark.env
def test_the_sdist_holds_what_its_tests_need(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    needed = {
        "pyproject.toml",
        "Makefile",
        "constraints.txt",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
    }
    folders = {"spt_cli", "plugins", "templates", "site", "docs", "tests/data/runs"}
    assert needed - names == set()
    assert {folder for folder in folders if not any(name.startswith(f"{folder}/") for name in names)} == set()


@pytest.mark.env
@pytest.mark.parametrize("program", ["spt", "spt-cli"])
def test_the_version_is_printed(installed: Path, program: str) -> None:
    assert run(installed / "bin" / program, "--version", cwd=installed) == f"spt {spt_cli.__version__}\n"


@pytest.mark.env
def test_the_real_runs_are_listed(installed: Path, real_runs: Path) -> None:
    listed = json.loads(run(installed / "bin" / "spt", "ls", real_runs, "-o", "json", cwd=installed))
    assert (len(listed["runs"]), listed["problems"]) == (30, [])


@pytest.mark.env
def test_metrics_are_read_by_both_engines(installed: Path, real_runs: Path) -> None:
    rows = run(installed / "bin" / "spt", "metrics", "--root", real_runs, "881290", "-o", "csv", cwd=installed)
    assert rows.startswith("run_id,metric,count,")
    large = installed / "large.csv"
    large.write_text("step,loss\n" + "".join(f"{step},0.{step}\n" for step in range(30_000)))
    code = f"from spt_cli import read_metrics; print(read_metrics({str(large)!r})['loss'].value.sum())"
    total = float(run(installed / "bin" / "python", "-c", code, cwd=installed))
    assert total == pytest.approx(sum(float(f"0.{step}") for step in range(30_000)))


@pytest.mark.env
def test_logs_are_found_and_read(installed: Path, real_runs: Path) -> None:
    shown = run(installed / "bin" / "spt", "logs", "--root", real_runs, "881291", "--traceback", cwd=installed)
    assert "Traceback (most recent call last)" in shown


@pytest.mark.env
def test_a_page_of_the_manual_is_printed(installed: Path) -> None:
    page = run(installed / "bin" / "spt", "help", "exit-codes", cwd=installed)
    assert page == (CHECKOUT / "docs" / "exit-codes.md").read_text()


@pytest.mark.env
@pytest.mark.parametrize("name", ["templates", "site", "docs"])
def test_what_is_no_python_is_found(installed: Path, name: str) -> None:
    code = f"from spt_cli import assets; print(assets.folder({name!r}))"
    folder = Path(run(installed / "bin" / "python", "-c", code, cwd=installed).strip())
    assert held(folder) == held(CHECKOUT / name)


@pytest.mark.env
def test_the_four_layouts_are_registered(installed: Path) -> None:
    code = (
        "from spt_cli.logs.layouts import plugins; print(*((p.name, p.package, p.error) for p in plugins()), sep='\\n')"
    )
    expected = [(name, "spt-cli", "") for name in ("hydra", "slurm", "submitit", "plain")]
    assert run(installed / "bin" / "python", "-c", code, cwd=installed).splitlines() == [str(row) for row in expected]


def test_the_version_stands_twice_and_is_one() -> None:
    assert project()["version"] == spt_cli.__version__


def test_constraints_pin_all_that_is_declared() -> None:
    lines = (CHECKOUT / "constraints.txt").read_text().splitlines()
    pinned = {line.partition("==")[0].lower() for line in lines if not line.startswith("#")}
    stated = [*project()["dependencies"], *project()["optional-dependencies"]["dev"]]
    declared = [line.partition(">=")[0].lower() for line in stated]
    assert set(declared) - pinned == set()
    assert len(set(declared)) == len(declared)
    assert [line for line in lines if not line.startswith("#") and "==" not in line] == []


def test_what_is_installed_here_is_what_constraints_say() -> None:
    """Tests that ran with other versions prove nothing about the pinned ones."""
    if not (CHECKOUT / ".venv" / ".developed").exists() or Path(sys.prefix) != CHECKOUT / ".venv":
        pytest.skip("not the environment that `make test` makes")
    lines = [line for line in (CHECKOUT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = dict(line.lower().split("==") for line in lines)
    present = {d.metadata["Name"].lower(): d.version for d in metadata.distributions()}
    differing = {name: version for name, version in present.items() if pinned.get(name, version) != version}
    assert differing == {}
    assert set(present) - set(pinned) <= {"pip", "setuptools", "spt-cli"}
