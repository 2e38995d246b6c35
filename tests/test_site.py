"""The modules of site/: their own tests, run by Node, and that they can become the one script of a page."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from spt_cli import assets

SITE = assets.folder("site")
MODULES = [path for path in SITE.rglob("*.js") if "vendor" not in path.parts]
TESTS = Path(__file__).parent / "site"


@pytest.mark.node
@pytest.mark.parametrize("module", sorted(path.name for path in TESTS.glob("*.test.js")))
def test_the_modules_pass_their_own_tests(module: str) -> None:
    node = shutil.which("node")
    if not node or int(subprocess.check_output([node, "-p", "process.versions.node"], text=True).split(".")[0]) < 20:
        pytest.skip("needs Node 20 or later")
    command = [node, "--test", "--test-reporter=spec", str(TESTS / module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_two_modules_name_the_same_thing() -> None:
    """They share one scope in the page: the later of two functions would silently be both."""
    top = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
    names = Counter(name for path in MODULES for name in top.findall(path.read_text("utf-8")))
    assert [name for name, times in names.items() if times > 1] == []


def test_a_module_uses_nothing_that_the_page_forbids() -> None:
    """The policy of a page lets no markup from strings, no code from strings and no request through."""
    markup = r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write"
    forbidden = rf"\b(?:{markup}|new Function|XMLHttpRequest|Worker|eval\()"
    used = {
        (path.name, word)
        for path in MODULES
        for word in re.findall(forbidden, re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL))
    }
    assert used == set()
