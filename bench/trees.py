"""Trees and files to measure on, made once below build/bench and reused."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from pathlib import Path

import numpy as np
import polars

BUILD = Path(__file__).resolve().parent.parent / "build" / "bench"
LIVE = 20  # every twentieth run is live: 5 %
_PER_FOLDER = 5  # runs that share an HHMMSS folder, as the tasks of a small array do


def runs(count: int) -> Path:
    """A tree of *count* runs as the real logger lays them out, 5 % of them alive now.

    Each holds sidecar.json (18 hparams, 7 summary metrics), summary.json, metrics.csv, heartbeat, hparams.yaml,
    run_meta.json and checkpoints/last.ckpt. Made anew when older than a day, so that ages make sense.
    """
    root = BUILD / f"runs-{count}"
    if not (root / "complete").is_file() or time.time() - (root / "complete").stat().st_mtime > 86_400:
        shutil.rmtree(root, ignore_errors=True)
        for index in range(count):
            _run(root, index)
        (root / "complete").touch()
    for index in range(0, count, LIVE):
        os.utime(_folder(root, index) / "heartbeat")
    return root


def metrics(rows: int = 100_000, columns: int = 20) -> Path:
    """A metrics.csv of *rows* x *columns* floats printed as the logger prints float32, about 36 MB."""
    path = BUILD / f"metrics-{rows}x{columns}.csv"
    if not path.is_file():
        BUILD.mkdir(parents=True, exist_ok=True)
        rng = random.Random(0)
        with path.open("w", newline="") as file:
            file.write("epoch,step," + ",".join(f"group{i % 4}/metric{i}" for i in range(columns)) + "\r\n")
            for row in range(rows):
                file.write(f"{row // 1000},{row}," + ",".join(repr(rng.random()) for _ in range(columns)) + "\r\n")
    return path


def curves(count: int, rows: int = 10_000, metrics: int = 24) -> Path:
    """A tree of *count* ended runs with curves of *metrics* noisy metrics in *rows* rows, 4.5 MB each by default."""
    root = BUILD / f"curves-{count}x{metrics}x{rows}"
    if not (root / "complete").is_file():
        shutil.rmtree(root, ignore_errors=True)
        rng = np.random.default_rng(0)
        names = [f"{'train' if number < 16 else 'val'}/metric{number}" for number in range(metrics)]
        for index in range(count):
            _curves(root / f"{880_000 + index}", index, names, rows, rng)
        (root / "complete").touch()
    return root


def _curves(folder: Path, index: int, names: list[str], rows: int, rng: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    steps = np.arange(rows)
    falling = np.exp(-steps / rows * (1 + index % 7)) + rng.normal(0, 0.05, (len(names), rows))
    columns = {"epoch": steps // 100, "step": steps}
    columns |= {name: line.astype(np.float32).astype(float) for name, line in zip(names, falling, strict=True)}
    polars.DataFrame(columns).write_csv(folder / "metrics.csv", line_terminator="\r\n")
    created = 1_700_000_000.0 + index
    sidecar = {
        "run_id": folder.name,
        "status": "completed",
        "created_at": created,
        "ended_at": created + 3_600,
        "hparams": {"optim.lr": 0.1 / (index + 1), "seed": index % 3},
        "summary": {name: float(columns[name][-1]) for name in names},
    }
    (folder / "sidecar.json").write_text(json.dumps(sidecar))
    for path in folder.iterdir():
        os.utime(path, (created, created))


def _folder(root: Path, index: int) -> Path:
    slot = index // _PER_FOLDER
    return root / f"202611{1 + slot // 86:02d}" / f"{slot % 86:06d}" / f"{880_000 + index}"


def _run(root: Path, index: int) -> None:
    folder = _folder(root, index)
    (folder / "checkpoints").mkdir(parents=True)
    live, created = index % LIVE == 0, time.time() - 10_000 - index
    sidecar = {
        "schema_version": 1,
        "run_id": folder.name,
        "run_dir": str(folder),
        "status": "running" if live else "completed",
        "created_at": created,
        "ended_at": None if live else created + 3_600,
        "updated_at": created + 3_600,
        "tags": ["bench", f"sweep:{index // _PER_FOLDER}"],
        "notes": "",
        "hparams": {f"group.key{key}": index / (key + 1) for key in range(14)}
        | {"model.name": "vit_small", "seed": index, "optim.lr": 0.003, "output_dir": f"/scratch/{index}"},
        "summary": {f"val/metric{key}": 1 / (key + 1 + index) for key in range(7)},
        "checkpoint_path": None,
    }
    (folder / "sidecar.json").write_text(json.dumps(sidecar, indent=2))
    (folder / "metrics.csv").write_text("epoch,step,val/metric0\r\n0,0,0.5\r\n")
    for name in ("heartbeat", "summary.json", "hparams.yaml", "run_meta.json", "checkpoints/last.ckpt"):
        (folder / name).touch()
    if not live:  # a tree that has been there for a while: listings are trusted
        for path in (*folder.iterdir(), folder):
            os.utime(path, (created, created))
