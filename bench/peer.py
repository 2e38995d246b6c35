"""The peer: the viewer inside stable-pretraining 0.1.8, loaded from its wheel without its dependencies."""

from __future__ import annotations

import subprocess
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

_VERSION = "0.1.8"
_FOLDER = Path(__file__).resolve().parent.parent / "build" / "peer"


def folder() -> Path:
    """Where the peer's wheel is unpacked; downloaded from the package index the first time."""
    if not (_FOLDER / "stable_pretraining" / "web" / "scan.py").is_file():
        _FOLDER.mkdir(parents=True, exist_ok=True)
        wanted = f"stable-pretraining=={_VERSION}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(_FOLDER), wanted]
        subprocess.run(command, check=True)
        for wheel in _FOLDER.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(_FOLDER)
    return _FOLDER


def scanner(root: str | Path) -> Any:
    """A new RunScanner of the peer over *root*; its scan is `_scan(initial=True)`, a poll `_scan()`."""
    for name in ("stable_pretraining", "stable_pretraining.web", "stable_pretraining.registry"):
        if name not in sys.modules:
            package = types.ModuleType(name)
            package.__path__ = [str(folder().joinpath(*name.split(".")))]
            sys.modules[name] = package
    from stable_pretraining.web.scan import RunScanner  # type: ignore[import-not-found] # there once folder() ran

    return RunScanner(Path(root))
