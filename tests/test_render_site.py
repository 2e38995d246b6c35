"""The page's script: the modules of site/ can be linked into one by removing lines. (Their own tests: test_site.py.)"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from spt_cli.render import site

CHECKOUT = Path(__file__).resolve().parent.parent
SITE = CHECKOUT / "site"
MODULES = sorted(path for path in SITE.rglob("*.js") if "vendor" not in path.parts)


def text(name: str) -> str:
    return (SITE / name).read_text("utf-8")


def test_imports_and_exports_are_of_the_simple_forms() -> None:
    """Whatever else says import or export would be left standing in a classic script, where it is a syntax error."""
    other = re.compile(r"^\s*(?:import|export)\b.*|\bimport\(|\bimport\.meta\b|^await\b", re.MULTILINE)
    left = set()
    for module in MODULES:
        linked = re.sub(r"//[^\n]*|/\*.*?\*/", "", site.linked(module.read_text("utf-8")), flags=re.DOTALL)
        left |= {(module.name, text) for text in other.findall(linked)}
    assert left == set()


def test_nothing_is_imported_under_another_name() -> None:
    renamed = {
        (module.name, listed)
        for module in MODULES
        for listed in re.findall(r"^import \{([^}]*)\}", module.read_text("utf-8"), re.MULTILINE)
        if " as " in listed
    }
    assert renamed == set()


def test_what_is_imported_is_exported() -> None:
    missing = set()
    for module in MODULES:
        for listed, source in re.findall(
            r'^import \{([^}]*)\} from "([^"]+)"', module.read_text("utf-8"), re.MULTILINE
        ):
            other = (module.parent / source).read_text("utf-8")
            exported = re.findall(r"^export (?:async )?(?:function\*?|const|class) (\w+)", other, re.MULTILINE)
            missing |= {(module.name, name) for name in set(re.findall(r"\w+", listed)).difference(exported)}
    assert missing == set()


def test_every_module_is_needed() -> None:
    """What main.js does not come to is dead."""
    assert sorted(site.order(SITE, "main.js")) == sorted(module.relative_to(SITE).as_posix() for module in MODULES)


def test_modules_stand_below_what_they_import() -> None:
    placed = site.order(SITE, "main.js")
    for place, name in enumerate(placed):
        assert set(site.needs(SITE, name)) <= set(placed[:place]), name


def test_a_circle_of_imports_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\n')
    with pytest.raises(ValueError, match=r"a\.js -> b\.js -> a\.js"):
        site.order(tmp_path, "a.js")


def test_script_and_style_end_nowhere_but_at_their_end() -> None:
    """Inside a script element `</script` ends it, and `<!--` with `<script` swallows the rest of the page."""
    assert re.findall(r"</script|<script|<!--", site.script(), re.IGNORECASE) == []
    assert "</style" not in site.style().lower()


def test_comments_stay_at_home() -> None:
    linked = site.linked(
        "// one\n/** two\n * three */\nconst a = 1; // four\n  /** five */\n  // six\n/** @type {T} */ (b);\n"
    )
    assert linked == "const a = 1; // four\n/** @type {T} */ (b);\n"


def test_the_licence_of_what_is_vendored_stays() -> None:
    assert site.script().startswith("/*! https://github.com/leeoniya/uPlot")


def test_dark_is_the_same_by_choice_and_by_preference() -> None:
    """CSS has no way to write a list of colours once for both."""
    blocks = re.findall(
        r":root(?:\[data-theme=\"dark\"\]|:not\(\[data-theme=\"light\"\]\)) \{(.*?)\n\s*\}",
        text("page/page.css"),
        re.DOTALL,
    )
    assert len(blocks) == 2
    assert len({re.sub(r"\s+", " ", block).strip() for block in blocks}) == 1


@pytest.mark.node
def test_the_script_can_be_read(tmp_path: Path) -> None:
    script = tmp_path / "script.js"
    script.write_text(site.script(), "utf-8")
    program = shutil.which("node")
    if program is None:
        pytest.skip("needs Node")
    done = subprocess.run([program, "--check", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
