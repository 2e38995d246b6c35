"""docs/export.md: every option stands there, and the recipes are what their readers take them for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_docs import help_of, unknown

PAGE = (Path(__file__).parent.parent / "docs" / "export.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^```(?:\w+ )?([\w./-]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def options() -> set[str]:
    """All options of `spt export`."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", help_of("export"))) - {"--help"}


def test_every_option_is_explained() -> None:
    """Those that all commands share are explained where they are the subject."""
    shared = {"--where", "--quiet", "--debug", "--stale-after", "--verbose", "--output"}
    assert {option for option in options() - shared if f"`{option}" not in PAGE} == set()


def scripts(value: Any) -> list[str]:
    """The shell scripts of a CI file: strings, and lists of them, under `run` and `script`."""
    if isinstance(value, list):
        return [script for item in value for script in scripts(item)]
    if not isinstance(value, dict):
        return []
    found: list[str] = []
    for key, item in value.items():
        if key in {"run", "script", "after_script"}:
            found += [item] if isinstance(item, str) else item
        else:
            found += scripts(item)
    return found


def shell() -> dict[str, str]:
    """Every shell script of the recipes, by where it stands."""
    found = {"cron": RECIPES["crontab"].split(maxsplit=5)[5]}
    for name in (".github/workflows/train.yml", ".gitlab-ci.yml"):
        # ${{ … }} is replaced before a shell sees it
        texts = [re.sub(r"\$\{\{.*?\}\}", "1", text) for text in scripts(yaml.safe_load(RECIPES[name]))]
        found |= {f"{name} {number}": text for number, text in enumerate(texts)}
    found |= {f"Jenkins {at}": text for at, text in enumerate(re.findall(r"sh '([^']*)'", RECIPES["Jenkinsfile"]))}
    found["systemd"] = re.findall(r"^ExecStart=(.*)", RECIPES["spt-export.service"], re.MULTILINE)[0]
    return found


@pytest.mark.parametrize("where", shell())
def test_scripts_of_the_recipes_are_shell_and_call_what_spt_has(where: str) -> None:
    script = shell()[where]
    done = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    plain = re.sub(r"(\S*/)spt ", "spt ", script)
    assert {line: unknown(line) for line in plain.splitlines() if "spt " in line and unknown(line)} == {}


def test_each_recipe_exports() -> None:
    assert {where.split(" ")[0] for where, text in shell().items() if "spt export" in text} == {
        "cron",
        "systemd",
        "Jenkins",
        ".github/workflows/train.yml",
        ".gitlab-ci.yml",
    }


def test_the_line_for_cron_has_five_fields_before_the_command() -> None:
    fields = RECIPES["crontab"].split()[:5]
    assert all(re.fullmatch(r"\*|[0-9]+", field) for field in fields)
    assert "%" not in RECIPES["crontab"]  # cron makes newlines of them


def test_the_github_workflow_has_what_a_workflow_needs() -> None:
    flow = yaml.safe_load(RECIPES[".github/workflows/train.yml"])
    assert set(flow) == {"name", True, "permissions", "jobs"}  # YAML 1.1 reads `on` as true
    (job,) = flow["jobs"].values()
    assert all(len({"uses", "run"} & set(step)) == 1 for step in job["steps"])


def test_the_gitlab_job_has_what_a_job_needs() -> None:
    (job,) = yaml.safe_load(RECIPES[".gitlab-ci.yml"]).values()
    assert set(job) == {"image", "script", "after_script", "artifacts"}
    assert job["artifacts"]["paths"] == ["report/", "runs.json"]  # not in the folder, which an export then replaces


def test_the_jenkinsfile_closes_what_it_opens() -> None:
    text = re.sub(r"'[^']*'", "", RECIPES["Jenkinsfile"])
    for opening, closing in ("{}", "[]", "()"):
        assert text.count(opening) == text.count(closing) > 0


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze")
    program = tmp_path / "spt"  # it asks whether the program is there
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in ("spt-export.service", "spt-export.timer"):
        (tmp_path / name).write_text(RECIPES[name].replace("%h/.local/bin/spt", str(program)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", tmp_path / "spt-export.service", tmp_path / "spt-export.timer"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},  # where nobody has logged in there is none
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "spt-export" in line]) == (0, [])
