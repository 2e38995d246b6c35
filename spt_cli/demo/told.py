"""What a training script is told and people say of a run: hparams, tags, notes, a name."""

from __future__ import annotations

import random
from typing import Any

_TOPICS = {"sbatch-array": "sweep-lr", "hydra-multirun": "sweep-width", "hydra-submitit": "sweep-wd"}
_SEEDS = "submitit-array"  # the launcher of the sweep over seeds
_NOTES = (
    "",
    "",
    "",
    "after the data fix; compare with the old split",
    "lr too high? <b>do not</b> reuse [see the sweep]",
    "same as before, new seed\nsecond of three",
    "für die Tabelle im Anhang",
)


def told(
    seed: int, block: int, position: int, *, launcher: str, task: int, epochs: int
) -> tuple[str, tuple[str, ...], str, dict[str, Any]]:
    """Name, tags, notes and nested hparams of a run. The runs of a block share what their sweep does not vary."""
    dice, ours = random.Random(f"{seed}/told/{block}/{position}"), random.Random(f"{seed}/block/{block}")
    model, data = ours.choice(("vit", "resnet", "mlp")), ours.choice(("imagenet100", "cifar100", "galaxy10"))
    batch, lr, width = ours.choice((128, 256, 512)), ours.choice((0.0003, 0.001, 0.003)), ours.choice((128, 256))
    topic, wd = _TOPICS.get(launcher, ""), 0.05
    match topic:
        case "sweep-lr":
            lr = (0.001, 0.0001, 0.03, 0.0003, 0.003, 0.01)[task]
        case "sweep-width":
            width = (64, 128, 256, 512)[task]
        case "sweep-wd":
            wd = (0.05, 0.0, 0.0001)[task]
    tags = ("baseline", data) if position in (0, 6) else (topic or data,)
    notes = dice.choice(_NOTES)
    hparams = {
        "seed": task if launcher == _SEEDS else 0 if topic else dice.randrange(10),
        "max_epochs": epochs,
        "batch": batch,
        "tags": list(tags),
        "notes": notes,
        "data": {"name": data, "augment": True, "workers": 8},
        "optim": {"name": "adamw", "lr": lr, "wd": wd, "warmup": 0.05},
        "model": {"name": model, "width": width, "depth": 12},
    }
    name = f"{model} {data} best" if position in (6, 14) else ""
    return name, tags, notes, hparams
