"""spt plugins, demo, help, --version and --help."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from spt_cli import __version__
from spt_cli.commands.app import COMMANDS
from spt_cli.commands.help import TOPICS
from tests.shell import spt


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(snapshot: SnapshotAssertion, command: str) -> None:
    long, short = (spt(*command.split(), word) for word in ("--help", "-h"))
    assert long == short
    assert (long.code, long.err) == (0, "")
    assert long.out == snapshot


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_first(command: str) -> None:
    lines = spt(command, "-h").out.splitlines()
    assert lines[0].startswith(f"Usage: spt {command}")
    assert lines[4].startswith(f"  spt {command} ")


def test_alone_it_shows_its_help() -> None:
    assert spt() == spt("--help")


def test_the_version_with_and_without_plugins() -> None:
    assert spt("--version") == (0, f"spt {__version__}\n", "")
    assert spt("--version", "-v").out.startswith(f"spt {__version__}\n")


def test_layouts_are_listed_with_their_package() -> None:
    found = json.loads(spt("plugins", "--json").out)["plugins"]
    assert {plugin["name"] for plugin in found if plugin["package"] == "spt-cli"} == {
        "hydra",
        "plain",
        "slurm",
        "submitit",
    }
    assert [plugin["error"] for plugin in found] == [""] * len(found)
    header, *rows = csv.reader(spt("plugins", "-o", "csv").out.splitlines())
    assert header == ["name", "package", "version", "target", "seconds", "error"]
    assert len(rows) == len(found)
    assert spt("plugins", "-o", "name").out.splitlines() == [plugin["name"] for plugin in found]
    assert spt("plugins").out.split()[:5] == ["layout", "package", "version", "loaded", "in"]


def test_a_demo_prints_where_it_is_and_can_be_listed(tmp_path: Path) -> None:
    dest = tmp_path / "demo"
    assert spt("demo", dest, "--runs", "5", "--seed", "3") == (0, f"{dest}\n", "")
    assert len(json.loads(spt("ls", dest, "--json", "--all").out)["runs"]) == 5
    again = spt("demo", dest)
    assert (again.code, again.err.splitlines()[0]) == (1, f"spt: {dest} is a demo tree already")


@pytest.mark.parametrize("topic", TOPICS)
def test_pages_of_the_manual_are_printed(topic: str) -> None:
    done = spt("help", topic)
    assert (done.code, done.err) == (0, "")
    assert done.out == (Path(__file__).parent.parent / "docs" / f"{topic}.md").read_text("utf-8")


def test_the_pages_are_listed() -> None:
    assert [line.split()[2] for line in spt("help").out.splitlines()] == list(TOPICS)
