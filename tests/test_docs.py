"""The documents: links lead somewhere, commands and names exist, examples run, the table for newcomers is complete."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import spt_cli
from spt_cli import demo
from spt_cli.commands import PEERS, main
from tests.shell import spt

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])
NEWCOMERS = CHECKOUT / "docs" / "from-stable-pretraining.md"
NAMES = json.loads((CHECKOUT / "tests" / "data" / "peer_names.json").read_text())
TITLES = [page.relative_to(CHECKOUT).as_posix() for page in PAGES]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced code blocks of *page* in *language*."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def codes(text: str) -> list[str]:
    """What stands between backticks in a piece of Markdown, with the bars that tables escape."""
    return [code.replace("\\|", "|") for code in re.findall(r"`([^`]+)`", text)]


def rows(page: Path) -> list[list[str]]:
    """The cells of every table row of *page*, without heads and rules."""
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def shown(page: Path) -> Iterator[tuple[str, str]]:
    """(line, command) of every `spt …` that *page* shows, in code blocks and between backticks."""
    text = page.read_text("utf-8")
    for fenced in re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        text = text.replace(fenced, "")
        yield from ((line, line.strip()) for line in fenced.splitlines() if line.strip().startswith("spt"))
    for line in text.splitlines():
        if line.startswith("    spt"):
            yield line, line.strip()
        else:
            yield from ((line, code) for code in codes(line) if code.startswith("spt "))


def calls(command: str) -> Iterator[list[str]]:
    """The words of each call of spt in a shell command; pipes, `&&` and substitutions are taken apart."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    words = list(lexer)
    call: list[str] | None = None
    for word in [*words, ";"]:
        if set(word) <= set("|&;()<>"):
            if call:
                yield call
            call = None
        elif word in ("spt", "spt-cli"):
            call = []
        elif call is not None:
            call.append(word)


@cache
def help_of(command: str) -> str:
    """The help page of a command; empty when there is none."""
    done = spt(*command.split(), "--help")
    return done.out if done.code == 0 else ""


def unknown(command: str) -> list[str]:
    """Which commands and options of a shell command spt does not have."""
    wrong = []
    for words in calls(command):
        named = [word for word in words[:1] if not word.startswith("-")]
        if named and named[0] in PEERS:
            continue
        page = help_of(" ".join(named))
        if not page:
            wrong.append(" ".join(named))
            continue
        for word in words[len(named) :]:
            option = word.partition("=")[0]
            if re.fullmatch(r"--[a-z][a-z-]*|-[a-zA-Z0]", option) and not re.search(rf"(?<![\w-]){option}\b", page):
                wrong.append(f"{' '.join(named)} {option}")
    return wrong


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a demo tree named `runs`."""
    folder = tmp_path_factory.mktemp("docs")
    demo.write(folder / "runs", rows=60)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=TITLES)
def test_links_lead_somewhere(page: Path) -> None:
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        found = (page.parent / file).resolve() if file else page
        if not found.exists():
            missing.append(target)
        elif anchor and found.suffix == ".md":
            heads = re.findall(r"^#+ (.*)$", found.read_text("utf-8"), re.MULTILINE)
            missing += [target] * (anchor not in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in heads})
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=TITLES)
def test_commands_that_are_shown_exist(page: Path) -> None:
    """A line that says `not yet` may name what is still to come."""
    wrong = {command: unknown(command) for line, command in shown(page) if "not yet" not in line.lower()}
    assert {command: what for command, what in wrong.items() if what} == {}


@pytest.mark.parametrize("page", PAGES, ids=TITLES)
def test_what_python_examples_import_exists(page: Path) -> None:
    missing = [
        f"{node.module}.{alias.name}"
        for block in blocks(page, "python")
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("spt_cli")
        for alias in node.names
        if not hasattr(import_module(node.module or ""), alias.name)
    ]
    assert missing == []


@pytest.mark.parametrize("block", blocks(CHECKOUT / "docs" / "api.md", "python"))
def test_an_example_of_the_api_runs(block: str, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(runs)
    exec(compile(block, "docs/api.md", "exec"), {})


def test_the_api_page_has_every_public_name_and_no_other() -> None:
    described = {re.split(r"[( ]", codes(row[0])[0])[0] for row in rows(CHECKOUT / "docs" / "api.md")}
    assert described == set(spt_cli.__all__)


@pytest.mark.parametrize("line", "".join(blocks(CHECKOUT / "README.md", "sh")).splitlines())
def test_a_one_liner_of_the_readme_runs(line: str, runs: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SPT_")}
    environ["PATH"] = f"{Path(sys.executable).parent}:{environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line], cwd=runs, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_every_marker_is_described_and_left_out_of_the_quick_tests() -> None:
    with open(CHECKOUT / "pyproject.toml", "rb") as file:
        options = tomllib.load(file)["tool"]["pytest"]["ini_options"]
    markers = {line.partition(":")[0] for line in options["markers"]}
    (marked,) = re.findall(r"^MARKED := (.*)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    assert {codes(row[0])[0] for row in rows(CHECKOUT / "CONTRIBUTING.md")} == set(marked.split(" or ")) == markers


def test_the_readme_has_five_one_liners() -> None:
    assert len("".join(blocks(CHECKOUT / "README.md", "sh")).splitlines()) == 5


def test_newcomers_find_all_that_stable_pretraining_has() -> None:
    assert sorted(codes(row[0])[0] for row in rows(NEWCOMERS)) == sorted(
        name for part in NAMES.values() for name in part
    )


@pytest.mark.parametrize("row", rows(NEWCOMERS), ids=lambda row: row[0].strip("`"))
def test_what_newcomers_are_pointed_to_exists(row: list[str]) -> None:
    """Commands with their options, public names, functions of modules; what is `not yet` is not there."""
    answer, note = row[1], row[2]
    assert answer in ("theirs", "not needed") or codes(answer)
    for text in (answer, note):
        for sentence in re.split(r"[.;] ", text):
            named = [code for code in codes(sentence) if code.startswith("spt ")]
            if "not yet" in sentence:
                assert [code for code in named if help_of(code.split()[1])] == [], "it is there: say so"
            else:
                assert [wrong for code in named for wrong in unknown(code)] == []
    for code in codes(answer):
        if not code.startswith("spt "):
            module, _, name = re.split(r"[( ]", code)[0].rpartition(".")
            if module.startswith("spt_cli"):
                assert hasattr(import_module(module), name)
            elif module:
                assert name in getattr(spt_cli, module).__struct_fields__
            else:
                assert name in spt_cli.__all__


@pytest.mark.parametrize("name", NAMES["commands"])
def test_commands_of_theirs_are_handed_on_or_refused_in_words(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if importlib_finds("stable_pretraining"):
        pytest.skip("stable-pretraining is installed here")
    assert main(name.split()) == 2
    assert "is a command of stable-pretraining" in capsys.readouterr().err


def importlib_finds(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None
