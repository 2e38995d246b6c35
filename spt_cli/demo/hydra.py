"""Files Hydra leaves in an output folder: .hydra/{config,hydra,overrides}.yaml, and multirun.yaml of a sweep."""

from __future__ import annotations

import json
from collections.abc import Iterator

from spt_cli.demo.plan import Plan
from spt_cli.demo.records import config

LAUNCHED = frozenset({"hydra", "hydra-split", "hydra-multirun", "hydra-submitit"})

# As Hydra 1.3 writes it, without the help texts, the set-up of logging and defaults nobody reads.
_HYDRA = """\
hydra:
  run:
    dir: {run_dir}
  sweep:
    dir: {sweep_dir}
    subdir: ${{hydra.job.num}}
  launcher:
{launcher}
  job_logging:
    version: 1
    handlers:
      file:
        class: logging.FileHandler
        formatter: simple
        filename: ${{hydra.runtime.output_dir}}/${{hydra.job.name}}.log
  mode: {mode}
  output_subdir: .hydra
  overrides:
    hydra:
    - hydra.mode={mode}
    task:
{task}
  job:
    name: train
    chdir: null
    id: {job_id}
    num: {job_num}
    config_name: conf
  runtime:
    version: 1.3.8
    version_base: '1.3'
    cwd: {cwd}
    output_dir: {output_dir}
    choices:
      hydra/launcher: {chosen}
      hydra/sweeper: basic
  verbose: false
"""
_BASIC = "    _target_: hydra._internal.core_plugins.basic_launcher.BasicLauncher"
_SUBMITIT = """\
    submitit_folder: ${hydra.sweep.dir}/.submitit/%j
    timeout_min: 360
    gpus_per_node: 2
    tasks_per_node: 2
    nodes: 1
    name: ${hydra.job.name}
    stderr_to_stdout: false
    _target_: hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher"""


def files(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """Path below the root and bytes of each file, none for a run that Hydra did not launch."""
    if plan.launcher not in LAUNCHED:
        return
    yield f"{plan.output}/.hydra/config.yaml", config(plan)
    yield f"{plan.output}/.hydra/hydra.yaml", _hydra(plan, of_job=True)
    yield f"{plan.output}/.hydra/overrides.yaml", "".join(f"- {told}\n" for told in _overrides(plan)).encode()
    if plan.sweep and plan.task == 0:
        yield f"{plan.sweep}/multirun.yaml", _hydra(plan, of_job=False)


def _hydra(plan: Plan, *, of_job: bool) -> bytes:
    """hydra.yaml of a job, or multirun.yaml of its sweep, where what belongs to a job is missing (`???`)."""
    submitit = plan.launcher == "hydra-submitit"
    numbered = of_job and plan.sweep
    text = _HYDRA.format(
        run_dir="outputs/${now:%Y-%m-%d}/${now:%H-%M-%S}" if plan.sweep else plan.output,
        sweep_dir=plan.sweep or "multirun/${now:%Y-%m-%d}/${now:%H-%M-%S}",
        launcher=_SUBMITIT if submitit else _BASIC,
        mode="MULTIRUN" if plan.sweep else "RUN",
        task="\n".join(f"    - {told}" for told in _overrides(plan)),
        job_id=f"'{plan.job or plan.task}'" if numbered else "???",
        job_num=plan.task if numbered else "???",
        cwd=json.dumps(plan.root),  # any path is a YAML string this way
        output_dir=json.dumps(plan.path(plan.output)) if of_job else "???",
        chosen="submitit_slurm" if submitit else "basic",
    )
    return text.encode()


def _overrides(plan: Plan) -> list[str]:
    optim, model = plan.hparams["optim"], plan.hparams["model"]
    told = [f"optim.lr={optim['lr']}", f"optim.wd={optim['wd']}", f"model.width={model['width']}"]
    return [*told, f"seed={plan.hparams['seed']}", f"tags=[{','.join(plan.hparams['tags'])}]"]
