"""Trees of runs for tests: real ones unpacked, and small ones built file by file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "runs"
NOW = 1_800_000_000.0  # the clock of built trees, s since 1970


def unpack(dest: Path, now: float = NOW) -> Path:
    """The 30 real runs of tests/data/runs laid out below *dest*, which is returned.

    Written by stable-pretraining 0.1.8, Lightning 2.6.6, Hydra 1.3.8 and submitit 1.5.4. Absolute paths are stored as
    @ROOT@ and become *dest*. File times are the sidecar's `updated_at`; those of the run tagged `live` are *now*.
    sidecar.json and summary.json get mode 0600, as their writer leaves them.
    """
    for path in sorted(DATA.rglob("*")):
        if path.is_file():
            target = dest / path.relative_to(DATA)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_bytes()
            target.write_bytes(text if path.suffix == ".png" else text.replace(b"@ROOT@", os.fsencode(dest)))
    for sidecar in sorted(dest.rglob("sidecar.json")):
        data = json.loads(sidecar.read_text())
        stamp = now if "live" in data["tags"] else data["updated_at"]
        for path in sidecar.parent.iterdir():
            if path.is_file():
                os.utime(path, (stamp, stamp))
            if path.name in ("sidecar.json", "summary.json"):
                path.chmod(0o600)
    return dest


class Tree:
    """A tree of runs below *root*, built by a test. Every file's mtime is set: by default to NOW - 100."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, run_id: str, /, *, at: float = NOW - 100, heartbeat: float | None = None, **sidecar: Any) -> Path:
        """A run folder with a sidecar of *sidecar* over sensible fields, and a heartbeat when its mtime is given."""
        folder = self.root / run_id
        fields = {
            "schema_version": 1,
            "run_id": folder.name,
            "run_dir": str(folder),
            "status": "completed",
            "created_at": at - 60,
            "ended_at": at if sidecar.get("status", "completed") in ("completed", "failed") else None,
            "updated_at": at,
            "tags": [],
            "notes": "",
            "hparams": {},
            "summary": {},
            "checkpoint_path": None,
        }
        self.write(f"{run_id}/sidecar.json", json.dumps(fields | sidecar, indent=2), at=at)
        if heartbeat is not None:
            self.write(f"{run_id}/heartbeat", b"", at=heartbeat)
        return folder

    def write(self, path: str, content: str | bytes, *, at: float = NOW - 100) -> Path:
        """A file below the root, with its folders."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(target, (at, at))
        return target

    def settle(self, *, at: float = NOW - 100) -> None:
        """Give every folder the mtime *at*: a listing of it is trusted from two seconds later on."""
        for folder in (self.root, *self.root.rglob("*/")):
            if not folder.is_symlink():
                os.utime(folder, (at, at))
