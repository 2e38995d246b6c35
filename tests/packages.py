"""Distributions made on the spot, with the metadata that importlib.metadata reads, and Pythons that see them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def distribution(site: Path, name: str, layouts: dict[str, str], modules: dict[str, str], version: str = "1.0") -> Path:
    """An installed distribution in the folder *site*: its *modules* by file name, its *layouts* as entry points."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    points = "".join(f"{layout} = {target}\n" for layout, target in layouts.items())
    (info / "entry_points.txt").write_text(f"[spt_cli.layouts]\n{points}")
    for file, source in modules.items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text(source)
    return site


def run_python(code: str, *site: Path) -> str:
    """What *code* prints in a fresh Python that also sees the folders *site*."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, site))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout
