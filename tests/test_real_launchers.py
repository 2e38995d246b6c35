"""Logs as real launchers leave them: Hydra with its submitit launcher, and a real one-node Slurm."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from spt_cli import scan, streams, tail
from tests import one_node_slurm

HYDRA_SCRIPT = """
import json, logging, os, sys
import hydra
from hydra.core.hydra_config import HydraConfig

@hydra.main(version_base=None, config_path=None)
def main(cfg):
    folder = HydraConfig.get().runtime.output_dir
    with open(os.path.join(folder, "sidecar.json"), "w") as file:
        json.dump({"run_id": "a-uuid", "run_dir": folder, "hparams": {"output_dir": folder}}, file)
    print(f"out of lr {cfg.lr}", flush=True)
    print(f"err of lr {cfg.lr}", file=sys.stderr, flush=True)
    logging.getLogger("train").info(f"log of lr {cfg.lr}")

main()
"""

SLURM_SCRIPT = """#!/bin/sh
#SBATCH --ntasks=1
run="$RUNS/${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
mkdir -p "$run"
variables='"SLURM_JOB_ID": "'$SLURM_JOB_ID'", "SLURM_SUBMIT_DIR": "'$SLURM_SUBMIT_DIR'"'
echo '{"slurm": {'$variables'}}' >"$run/environment.json"
tag=${SLURM_ARRAY_JOB_ID:+'"sweep:'$SLURM_ARRAY_JOB_ID'"'}
echo '{"run_id": "'$(basename "$run")'", "status": "running", "tags": ['$tag']}' >"$run/sidecar.json"
echo "out of $(basename "$run"), restart ${SLURM_RESTART_COUNT:-0}"
echo "err of $(basename "$run")" >&2
[ -n "$SLURM_ARRAY_JOB_ID" ] || [ "${SLURM_RESTART_COUNT:-0}" != 0 ] || exec sleep 600
touch "$run/done"
"""


def found(root: Path, run_id: str) -> list[tuple[str, str, int | None, str]]:
    """(name, kind, rank, layout) of each stream of the run."""
    run = scan(root).runs[run_id]
    return [(each.name, each.kind, each.rank, each.layout) for each in streams(run, root)]


def texts(root: Path, run_id: str) -> list[str]:
    return [tail(stream.path).decode() for stream in streams(scan(root).runs[run_id], root)]


def test_hydras_submitit_launcher(tmp_path: Path) -> None:
    """A sweep of two jobs with `hydra/launcher=submitit_local`: each has its rank's files and Hydra's log."""
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", exc_type=ImportError)
    script = tmp_path / "train.py"
    script.write_text(HYDRA_SCRIPT)
    sweep = ["--multirun", "+lr=1,2", "hydra/launcher=submitit_local", "hydra.sweep.dir=sweep"]
    command = [sys.executable, str(script), *sweep]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr

    for number, lr in (("0", 1), ("1", 2)):
        assert found(tmp_path, f"sweep/{number}") == [
            ("rank 0 .out", "out", 0, "submitit"),
            ("train.log", "out", None, "hydra"),
            ("rank 0 .err", "err", 0, "submitit"),
        ]
        out, log, err = texts(tmp_path, f"sweep/{number}")
        assert f"out of lr {lr}\n" in out
        assert f"[train][INFO] - log of lr {lr}\n" in log
        assert f"err of lr {lr}\n" in err


@pytest.mark.slurm
def test_slurm_arrays_and_requeued_jobs(tmp_path: Path) -> None:
    """An array is found by <A>_<a>; a requeued job keeps its id and has one file, cut or appended to as it asked."""
    if why := one_node_slurm.missing():
        pytest.skip(why)
    runs, submit, cluster = (tmp_path / name for name in ("runs", "submit", "slurm"))
    for folder in (runs, submit, cluster):
        folder.mkdir()
    (submit / "job.sh").write_text(SLURM_SCRIPT)

    with one_node_slurm.slurm(cluster) as run:
        sbatch = ["sbatch", "--parsable", f"--export=ALL,RUNS={runs}"]
        array = run(*sbatch, "--array=0-2", "job.sh", cwd=submit).strip()
        tasks = [f"{array}_{task}" for task in range(3)]
        one_node_slurm.wait_for(lambda: all((runs / task / "done").exists() for task in tasks), "array", cluster)
        cut, kept = (run(*sbatch, "--requeue", mode, "job.sh", cwd=submit).strip() for mode in MODES)
        for job in (cut, kept):
            one_node_slurm.wait_for(partial(_says, submit / f"slurm-{job}.out", "err of"), "text", cluster)
            run("scontrol", "requeue", job)
        for job in (cut, kept):
            one_node_slurm.wait_for((runs / job / "done").exists, "second attempt", cluster)

    for task in tasks:
        assert found(runs, task) == [(f"slurm-{task}.out", "out", None, "slurm")]
        assert texts(runs, task) == [f"out of {task}, restart 0\nerr of {task}\n"]
    for job in (cut, kept):
        assert found(runs, job) == [(f"slurm-{job}.out", "out", None, "slurm")]
    assert texts(runs, cut) == [f"out of {cut}, restart 1\nerr of {cut}\n"]
    first, second = texts(runs, kept)[0].split("out of ")[1:]
    assert first.startswith(f"{kept}, restart 0\nerr of {kept}\n")
    assert second == f"{kept}, restart 1\nerr of {kept}\n"


MODES = ("--open-mode=truncate", "--open-mode=append")  # the first is what Slurm does unless it is configured otherwise


def _says(log: Path, words: str) -> bool:
    return log.exists() and words in log.read_text()
