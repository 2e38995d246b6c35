"""The example of docs/plugins.md is a package that works as the page says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from spt_cli import scan
from spt_cli.logs.layouts import GROUP, plugins
from spt_cli.model import LogFile
from tests.packages import distribution, run_python
from tests.trees import Tree

PAGE = (Path(__file__).parent.parent / "docs" / "plugins.md").read_text()
FILES = dict(re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))

SHOW = """
from spt_cli import scan
from spt_cli.logs.layouts import plugins
from spt_cli.logs.files import find_logs
root = {root!r}
print([(p.name, p.package, p.version) for p in plugins() if p.package != "spt-cli"])
for run_id, run in scan(root).runs.items():
    logs = find_logs(run, root)
    print(run_id, [(s.name, s.kind, s.rank, s.layout) for s in logs.streams], [p.message for p in logs.problems])
"""


def install(site: Path, module: str = FILES["spt_layout_nightly.py"]) -> Path:
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    layouts = project["entry-points"][GROUP]
    return distribution(site, project["name"], layouts, {"spt_layout_nightly.py": module}, project["version"])


def test_the_example_is_found_and_used(tree: Tree, tmp_path: Path) -> None:
    tree.run("g/r1")
    for name in ("worker-0.out", "worker-0.err", "worker-10.out", "worker-x.out", "worker-1.txt"):
        tree.write(f"_logs/r1/{name}", "x")
    site = install(tmp_path / "site")
    found = [(f"rank {rank} .{kind}", kind, rank, "nightly") for kind, rank in (("out", 0), ("out", 10), ("err", 0))]
    assert run_python(SHOW.format(root=str(tree.root)), site).splitlines() == [
        "[('nightly', 'spt-layout-nightly', '1.2')]",
        f"g/r1 {found} []",
    ]


def test_a_broken_one_is_named_as_the_page_says(tree: Tree, tmp_path: Path) -> None:
    tree.run("r1")
    tree.write("r1/train.log", "x")
    site = install(tmp_path / "site", 'def find(run, root): return iter([{}["sweep"]])')
    (message,) = re.findall(r"^layout nightly .*", PAGE, re.MULTILINE)
    shown = run_python(SHOW.format(root=str(tree.root)), site).splitlines()
    assert shown[1] == f"r1 [('train.log', 'out', None, 'plain')] [{message!r}]"


def test_the_page_lists_our_layouts() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert listed == [plugin.name for plugin in plugins() if plugin.package == "spt-cli"]


def test_the_page_gives_the_fields_and_defaults_of_a_log_file() -> None:
    assert '`LogFile(path, kind="out", rank=None, name="")`' in PAGE
    path = Path("a")
    assert LogFile(path) == LogFile(path, kind="out", rank=None, name="")
    assert LogFile.__struct_fields__ == ("path", "kind", "rank", "name")


def test_a_run_names_the_things_the_page_speaks_of(tree: Tree) -> None:
    tree.run("r1", run_id="7", hparams={"lr": 1}, tags=["a"])
    run = scan(tree.root).runs["r1"]
    assert (run.run_dir, dict(run.hparams), run.tags, run.logger_run_id) == (
        str(tree.root / "r1"),
        {"lr": 1},
        ("a",),
        "7",
    )
