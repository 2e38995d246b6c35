"""Documents of a run folder, with the keys, the order and the indentation of their real writers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import asdict

from spt_cli.demo.curves import Curves, Stat
from spt_cli.demo.plan import Attempt, Plan, utc

_PLACED = ("output_dir", "slurm")  # hparams that the script adds itself


def sidecar(plan: Plan, attempt: Attempt, stats: dict[str, Stat], *, status: str, at: float) -> bytes:
    """sidecar.json as it is flushed at time *at*. An ended run ended just before."""
    ended = status in ("completed", "failed")
    checkpointed = ended or attempt.stop >= plan.per_epoch
    data = {
        "schema_version": 1,
        "run_id": plan.run_id,
        "run_dir": plan.path(plan.folder),
        "status": status,
        "created_at": attempt.began_at,
        "ended_at": at if ended else None,
        "updated_at": at + 0.0015 if ended else at,
        "tags": list(plan.tags),
        "notes": plan.notes,
        "hparams": _flat(plan.hparams),
        "summary": {name: stat.last for name, stat in stats.items()},
        "checkpoint_path": plan.path(plan.folder, "checkpoints/last.ckpt") if checkpointed else None,
    }
    if plan.name and ended:
        data["display_name"] = plan.name  # not the logger's: a person gave it in the peer's viewer
    return json.dumps(data, indent=2).encode()


def summary(plan: Plan, curves: Curves, stats: dict[str, Stat], *, stop: int, at: float) -> bytes:
    """summary.json after row *stop*, flushed at time *at*."""
    data = {
        "schema_version": 1,
        "run_id": plan.run_id,
        "run_dir": plan.path(plan.folder),
        "updated_at": at,
        "step": curves.step(stop - 1) if stats else 0,  # a new process knows nothing of the rows before it
        "epoch": (stop - 1) // curves.per_epoch if stats else 0,
        "metrics": {name: asdict(stat) for name, stat in stats.items()},
    }
    return json.dumps(data, indent=2).encode()


def run_meta(plan: Plan) -> bytes:
    """run_meta.json, the first file of a run below a cache dir."""
    data = {"run_dir": plan.path(plan.folder), "run_id": plan.run_id}
    if plan.on_slurm:
        array, _, task = plan.job.partition("_")
        data["slurm_job_id"] = str(int(array) + int(task or 0))  # tasks of an array have job ids of their own
        if task:
            data["slurm_array_task_id"] = task
    return json.dumps(data).encode()


def environment(plan: Plan, attempt: Attempt) -> bytes:
    """environment.json: where an attempt ran. Packages and variables are fewer than a real one lists."""
    packages = {"hydra-core": "1.3.8", "lightning": "2.6.6", "stable-pretraining": "0.1.8", "torch": "2.9.1"}
    data = {
        "timestamp": utc(attempt.began_at, "%Y-%m-%dT%H:%M:%S.%f"),
        "python": {
            "version": "3.11.7 (main, Jan  8 2024, 05:44:37) [GCC 13.2.0]",
            "version_info": {"major": 3, "minor": 11, "micro": 7},
            "executable": "/opt/venv/bin/python",
            "prefix": "/opt/venv",
        },
        "system": {
            "platform": "Linux-6.8.0-45-generic-x86_64-with-glibc2.39",
            "system": "Linux",
            "release": "6.8.0-45-generic",
            "machine": "x86_64",
            "processor": "x86_64",
            "hostname": host(plan),
        },
        "packages": {
            "pip_freeze": "".join(f"{name}=={version}\n" for name, version in packages.items()),
            "key_packages": packages,
            "total_packages": len(packages),
        },
        "cuda": {"nvidia_smi_output": "NVIDIA A100-SXM4-80GB, 550.54.15, 81920 MiB", "driver_version": "550.54.15"},
        "git": {
            "commit_hash": f"{random.Random(plan.seed).getrandbits(160):040x}",
            "branch": "main",
            "has_uncommitted_changes": False,
            "uncommitted_changes": None,
            "remote_url": "git@git.example.org:lab/project.git",
        },
        "slurm": _slurm(plan, attempt),
        "environment_variables": {"CUDA_VISIBLE_DEVICES": ",".join(map(str, range(plan.ranks)))},
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2)  # no floats: the bytes of json.dumps, much faster


def checkpoint(plan: Plan, epoch: int) -> Iterator[tuple[str, bytes]]:
    """Path below the run and bytes of each file of last.ckpt: one file, or a folder of shards with many ranks."""
    dice = random.Random(f"{plan.seed}/checkpoint/{plan.index}/{epoch}")
    last = "checkpoints/last.ckpt"
    if plan.ranks <= 2:
        yield last, b"PK\x03\x04" + dice.randbytes(508)  # torch.save writes zip files
        return
    yield f"{last}/.metadata", dice.randbytes(128)
    for rank in range(plan.ranks):
        yield f"{last}/__{rank}_0.distcp", dice.randbytes(256)


def hparams(plan: Plan) -> bytes:
    """hparams.yaml: the config, and where the output goes."""
    return config(plan) + _yaml({name: plan.hparams[name] for name in plan.hparams if name in _PLACED})


def config(plan: Plan) -> bytes:
    """config.yaml of Hydra: what the script was told."""
    return _yaml({name: value for name, value in plan.hparams.items() if name not in _PLACED})


def _yaml(data: dict[str, Any]) -> bytes:
    import yaml as pyyaml

    dumper = getattr(pyyaml, "CSafeDumper", pyyaml.SafeDumper)  # libyaml's is six times as fast
    text: str = pyyaml.dump(data, Dumper=dumper, sort_keys=False)
    return text.encode()


def host(plan: Plan) -> str:
    """Name of the machine a run is on."""
    return f"gpu{plan.index % 12 + 1:02d}" if plan.on_slurm else "workstation"


def _slurm(plan: Plan, attempt: Attempt) -> dict[str, str] | None:
    if not plan.on_slurm:
        return None
    array, _, task = plan.job.partition("_")
    found = {
        "SLURM_JOB_ID": str(int(array) + int(task or 0)),
        "SLURM_JOB_NAME": "train",
        "SLURM_JOB_PARTITION": "gpu",
        "SLURM_JOB_NODELIST": host(plan),
        "SLURM_JOB_NUM_NODES": "1",
        "SLURM_NTASKS": str(plan.ranks),
        "SLURM_CPUS_PER_TASK": "8",
        "SLURM_SUBMIT_DIR": plan.path("project"),
        "SLURM_CLUSTER_NAME": "cluster",
    }
    return found | ({"SLURM_RESTART_COUNT": str(attempt.number)} if attempt.number else {})


def _flat(values: Any, prefix: str = "") -> dict[str, Any]:
    """Nested hparams as the sidecar holds them: dotted keys, lists by index."""
    if not isinstance(values, dict | list):
        return {prefix: values}
    flat: dict[str, Any] = {}
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        flat |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
    return flat
