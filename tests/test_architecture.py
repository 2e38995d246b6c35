"""Who may import whom, what costs nothing at start, how long a file may be, and what has no place in the project."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import spt_cli

CHECKOUT = Path(__file__).resolve().parent.parent
PROGRAM, LAYOUTS = CHECKOUT / "spt_cli", CHECKOUT / "plugins" / "spt_layouts"

# The parts of the program, lowest first. Modules of one part may import each other. A new module is named here.
PARTS = {
    "ground": "model errors assets words files exported.document exported.packing exported.reading",
    "tree": "tree.sidecar tree.annotations tree.walk tree.folders",
    "snapshot": "tree.snapshot tree.cadence tree.skew",
    "edits": "tree.edits tree.editable",
    "changes": "tree.changes",
    "polling": "tree.polling",
    "series": "metrics.requeues metrics.curves metrics.growing",
    "metrics": "metrics.reading metrics.table metrics.engine_csv metrics.engine_polars",
    "points": "metrics.points",
    "pace": "metrics.pace",
    "tails": "metrics.tails",
    "reduce": "metrics.reduce metrics.packed",
    "media": "media",
    "logs": "logs",
    "where": "choice",
    "roots": "tree.roots choice.choose",
    "live": "tree.live",
    "watch": "watch",
    "details": "watch.details",
    "report": "report",
    "render": "render",
    "readback": "exported.series",
    "demo": "demo",
    "server": "server",
    "commands": "commands __main__",
    "api": "__init__",
}
# What each may import of the others. Readers never import the snapshot, nor the snapshot readers of other files.
MAY_IMPORT = {
    "ground": "",
    "tree": "ground",
    "snapshot": "ground tree",
    "edits": "ground tree snapshot",
    "changes": "ground",
    "polling": "ground snapshot",
    "series": "ground",
    "metrics": "ground",
    "points": "ground series metrics",
    "pace": "ground",
    "tails": "ground series metrics pace",
    "reduce": "ground series metrics",
    "media": "ground",
    "logs": "ground",
    "where": "ground",
    "roots": "ground tree snapshot where",
    "live": "ground changes polling roots",
    "watch": "ground changes where pace roots",
    "details": "ground series metrics logs watch",
    "report": "ground series metrics reduce media logs where roots",
    "render": "ground series where watch report",
    "readback": "ground render report",
    "demo": "ground",
    "server": "ground tree snapshot edits changes polling series metrics points reduce media logs where roots live "
    "watch report render",
    "commands": "ground tree snapshot edits changes polling series metrics points pace tails reduce media logs where "
    "roots live watch details report render readback demo server api",
    "api": "ground snapshot changes polling series metrics media logs",
}
# Libraries that cost time or tie us to something, and the only places that may import them.
ONLY_IN = {
    "typer": ("commands/",),
    "rich": ("render/table.py", "commands/"),
    "jinja2": ("render/html.py",),
    "markupsafe": ("render/html.py",),
    "numpy": (
        "metrics/",
        "watch/details.py",
        "report/",
        "exported/series.py",
        "render/",
        "server/",
        "demo/",
        "model.py",
    ),
    "polars": ("metrics/engine_polars.py", "render/"),
    "yaml": ("demo/",),
    "prompt_toolkit": ("commands/screen",),
    "starlette": ("server/",),
    "uvicorn": ("server/",),
    "h11": ("server/",),
    "PIL": ("report/thumbnails.py",),
    "click": (),  # Typer carries its own from 0.26 on
}
HEAVY = (
    "rich",
    "prompt_toolkit",
    "pydantic",
    "polars",
    "numpy",
    "PIL",
    "yaml",
    "jinja2",
    "starlette",
    "uvicorn",
    "asyncio",
    "spt_layouts",
)

LONGEST_FILE, LONGEST_FUNCTION = 300, 55  # lines; of a function those below its signature and docstring
LONG: dict[str, str] = {}  # `file` or `file:function`: why it is as long as it is


def modules(folder: Path) -> list[str]:
    """Every module of *folder*, as a path below it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))


@cache
def parsed(folder: Path, module: str) -> ast.Module:
    return ast.parse((folder / module).read_text("utf-8"))


@cache
def imports(folder: Path, module: str, *, types: bool = True) -> tuple[tuple[str, str], ...]:
    """(module, name) of every import; name is "" for `import module`. Without *types*, not those for annotations."""
    return tuple(_imports(parsed(folder, module), types=types))


def _imports(tree: ast.Module, *, types: bool) -> Iterator[tuple[str, str]]:
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if not types and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide who imports whom"
            yield from ((node.module or "", alias.name) for alias in node.names)


def part(module: str) -> str:
    """The part of a module or package as `tree.walk`: that which names it, or its package."""
    found = (
        name for place in (module, module.partition(".")[0]) for name, has in PARTS.items() if place in has.split()
    )
    return next(found, f"no part has {module}")


def dotted(module: str) -> str:
    """`tree/walk.py` as `tree.walk`; a package's `__init__.py` as the package."""
    return module.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def ours(module: str, name: str) -> str:
    """The part that `from module import name` of ours imports."""
    inner = module.removeprefix("spt_cli").lstrip(".")
    whole = f"{inner}.{name}".strip(".")
    there = PROGRAM / whole.replace(".", "/")
    if there.is_dir() or there.with_suffix(".py").exists():
        return part(whole)
    return part(inner) if inner else "api"


def test_a_module_imports_only_what_lies_below_it() -> None:
    above = set()
    for module in modules(PROGRAM):
        used = {ours(to, name) for to, name in imports(PROGRAM, module) if to.split(".")[0] == "spt_cli"}
        mine = part(dotted(module))
        if used:
            above |= {(module, name) for name in used - {mine, *MAY_IMPORT.get(mine, "").split()}}
    assert above == set()


def test_every_module_has_a_part() -> None:
    """But the package of several parts, which has nothing in it but its docstring."""
    assert {name for name in map(dotted, modules(PROGRAM)) if part(name) not in PARTS} <= {
        "tree",
        "metrics",
        "exported",
    }


def test_no_part_imports_itself_through_another() -> None:
    """Each part only names parts that stand above it in the table, so there is no circle."""
    order = list(PARTS)
    below = {name: may.split() for name, may in MAY_IMPORT.items() if name != "commands"}
    assert [name for name, may in below.items() if any(order.index(other) >= order.index(name) for other in may)] == []
    assert set(MAY_IMPORT) == set(PARTS)


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    users = [
        module
        for module in modules(PROGRAM)
        if library in {target.split(".")[0] for target, _ in imports(PROGRAM, module, types=False)}
    ]
    assert [module for module in users if not module.startswith(ONLY_IN[library])] == []


def test_the_program_never_imports_the_layouts() -> None:
    """They are plugins like any other, reached through their entry points."""
    users = [m for m in modules(PROGRAM) if any(t.startswith("spt_layouts") for t, _ in imports(PROGRAM, m))]
    assert users == []


def test_layouts_know_only_the_contract() -> None:
    found = {
        (target, name)
        for module in modules(LAYOUTS)
        for target, name in imports(LAYOUTS, module)
        if target.split(".")[0] == "spt_cli"
    }
    assert found <= {("spt_cli", "LogFile"), ("spt_cli", "Run"), ("spt_cli", "Problem")}


def test_dependencies_are_what_is_imported() -> None:
    """Declared and not imported is a needless install; imported and not declared breaks on a fresh machine."""
    with open(CHECKOUT / "pyproject.toml", "rb") as file:
        declared = {re.split(r"[<>=!~ ;\[]", line)[0] for line in tomllib.load(file)["project"]["dependencies"]}
    sources = [(folder, module) for folder in (PROGRAM, LAYOUTS) for module in modules(folder)]
    imported = {target.split(".")[0] for source in sources for target, _ in imports(*source)}
    foreign = imported - sys.stdlib_module_names - {"spt_cli", "spt_layouts", "stable_pretraining"}
    assert {{"yaml": "pyyaml", "PIL": "pillow"}.get(name, name) for name in foreign} == declared


def test_no_module_bears_an_exported_name() -> None:
    """Importing it anywhere would put the module in the function's place: `from spt_cli import streams`."""
    assert {Path(module).stem for module in modules(PROGRAM)} & set(spt_cli.__all__) == set()


def loaded(code: str, *arguments: str) -> set[str]:
    """Which HEAVY packages a fresh Python has loaded after *code*."""
    report = f"\nimport json, sys\nprint(json.dumps(sorted(set(sys.modules) & set({HEAVY!r}))), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code + report, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded("import spt_cli, spt_cli.commands") == set()


def test_a_scan_loads_nothing_heavy(real_runs: Path) -> None:
    code = "import sys; from spt_cli import scan, diff; s = scan(sys.argv[1]); assert len(s.runs) == 30; diff(s, s)"
    assert loaded(code, str(real_runs)) == set()


def test_ls_loads_nothing_heavy(real_runs: Path) -> None:
    code = (
        "import sys; from spt_cli.commands import main\n"
        "for form in 'json ndjson csv name table'.split():\n"
        " assert main(['ls', sys.argv[1], '-o', form, '-w', 'seed >= 0']) == 0"
    )
    assert loaded(code, str(real_runs)) == set()


def test_files_and_functions_stay_short() -> None:
    long = set()
    for folder in (PROGRAM, LAYOUTS):
        for module in modules(folder):
            if len((folder / module).read_text("utf-8").splitlines()) > LONGEST_FILE:
                long.add(module)
            long |= {f"{module}:{name}" for name in long_functions(parsed(folder, module))}
    assert long == set(LONG), "split it, or say in LONG why not"


def long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body and (node.end_lineno or 0) - body[0].lineno + 1 > LONGEST_FUNCTION:
                yield node.name


def tracked() -> list[str]:
    """Files that git keeps."""
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name and (CHECKOUT / name).exists()]


def texts() -> dict[str, str]:
    """All that was written for this project; the real runs were not."""
    ours = [name for name in tracked() if not name.startswith("tests/data/")]
    return {name: (CHECKOUT / name).read_text("utf-8", "replace") for name in ours}


def test_the_project_names_no_place_on_somebodys_machine() -> None:
    """Paths below /home, /root, /Users, /work or /opt, and the checkout's own."""
    somebodys = re.compile(r"(?<![\w.~@}>-])/(?:home|root|Users|work|opt)/[\w.-]+(?:/[\w.-]+)*")
    invented = re.compile(r"/home/(?:me|user|alice|bob|ada)\b|/opt/venv\b")  # in examples and made-up logs
    found = {
        (name, place)
        for name, text in texts().items()
        for place in [*somebodys.findall(text), *([str(CHECKOUT)] if str(CHECKOUT) in text else [])]
        if not invented.match(place)
    }
    assert found == set()


def test_addresses_lead_to_public_places() -> None:
    """No package index of a workplace, no host that a reader cannot reach."""
    public = {
        "github.com",
        "json-schema.org",
        "www.apache.org",
        "www.w3.org",
        "opensource.org",
        "docs.python.org",
        "no-color.org",
        "example.com",
    }
    local = {"127.0.0.1", "0.0.0.0"}
    hosts = {
        (name, host)
        for name, text in texts().items()
        for host in re.findall(r"https?://([\w.-]+)", text)
        if "." in host and host not in public | local and not host.endswith((".example", ".test", ".invalid"))
    }
    assert hosts == set()


def test_git_keeps_no_junk() -> None:
    names = tracked()
    junk = re.compile(r"(^|/)(__pycache__|\.venv|\.(mypy|ruff|pytest)_cache|\.hypothesis|node_modules|\.DS_Store)(/|$)")
    spoiled = re.compile(r"(~|\.(pyc|orig|rej|bak|swp|tmp|egg-info|whl|log\.gz))$")
    assert [name for name in names if junk.search(name) or spoiled.search(name)] == []
    assert [name for name in names if (CHECKOUT / name).stat().st_size > 1_000_000] == []
