"""Public names of stable-pretraining's viewer, registry and command line, read from its source.

python -m tests.peer_names SITE_PACKAGES/stable_pretraining > tests/data/peer_names.json
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path


def names(package: Path) -> dict[str, list[str]]:
    """What docs/from-stable-pretraining.md must have a row for, by the section it belongs to."""
    return {
        "RunScanner": _methods(_parsed(package / "web" / "scan.py"), "RunScanner"),
        "routes": sorted(_routes(_parsed(package / "web" / "server.py"))),
        "registry": [
            *_exported(package / "registry"),
            *_methods(_parsed(package / "registry" / "query.py"), "Registry"),
        ],
        "web": _exported(package / "web"),
        "commands": list(_commands(_parsed(package / "cli.py"))),
    }


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _methods(tree: ast.Module, name: str) -> list[str]:
    """Public methods of the class *name*, `len()` and `[]` among them."""
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    methods = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    spoken = {"__len__", "__getitem__"}
    return [f"{name}.{method}" for method in methods if not method.startswith("_") or method in spoken]


def _exported(package: Path) -> list[str]:
    for node in _parsed(package / "__init__.py").body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            exported: list[str] = ast.literal_eval(node.value)
            return exported
    raise ValueError(f"{package} has no __all__")


def _routes(tree: ast.Module) -> Iterator[str]:
    """`GET /api/runs`: every text that a path is compared with in do_GET and do_PATCH."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name.startswith("do_"):
            for node in ast.walk(function):
                if isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and "startswith" in ast.unparse(node)):
                    for text in ast.walk(node):
                        if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value[:1] == "/":
                            yield f"{function.name.removeprefix('do_')} {text.value}"


def _commands(tree: ast.Module) -> Iterator[str]:
    """`registry ls`: functions that are decorated as commands, by the name they have on the command line."""
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(".command"):
                given = [ast.literal_eval(keyword.value) for keyword in decorator.keywords if keyword.arg == "name"]
                group = "registry " if "registry" in ast.unparse(decorator.func) else ""
                yield group + (given[0] if given else function.name.replace("_", "-"))


if __name__ == "__main__":
    json.dump(names(Path(sys.argv[1])), sys.stdout, indent=1)
    sys.stdout.write("\n")
