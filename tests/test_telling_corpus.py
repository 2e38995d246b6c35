"""A served page finds what tells runs apart as an exported one does: both are held to tests/data/telling-corpus.json.

This side writes the corpus, `node --test tests/site/telling.test.js` reads it.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from spt_cli.choice.telling import differing, primary

CORPUS = Path(__file__).parent / "data" / "telling-corpus.json"

METRICS = [
    *("val/acc", "val/loss", "train/loss", "test_acc", "eval/score", "lr", "epoch", "grad_norm", "val/acc_norm"),
    *(
        "err5",
        "loss_step",
        "top1",
        "reward",
        "time/step",
        "samples",
        "f1",
        "",
        "Validation-AUC",
        "lossless",
        "val.psnr",
    ),
]
HPARAMS: dict[str, list[Any]] = {
    "lr": [0.1, 0.01, 0.001],
    "seed": [0, 1, 2, 3],
    "flag": [True, False, None],
    "same": [7],
    "data": ["/data/a", "/data/b"],
    "name": ["resnet18", "resnet50", "a name that is longer than anybody reads"],
    "tags.0": ["x", "y"],
    "width": [64, 64.5],
}


def cases() -> list[dict[str, Any]]:
    """Rows, and what is found in them."""
    chance = random.Random(5)
    made = []
    for count in (0, 1, 2, 3, 5, 8, 20, 40):
        for _ in range(4):
            keys, names = chance.sample(sorted(HPARAMS), 5), chance.sample(METRICS, 6)
            rows = [
                {
                    "hparams": {key: chance.choice(HPARAMS[key]) for key in keys if chance.random() < 0.8},
                    "summary": [name for name in names if chance.random() < 0.6],
                }
                for _ in range(count)
            ]
            found: Any = [SimpleNamespace(hparams=row["hparams"]) for row in rows]
            summaries: Any = [row["summary"] for row in rows]
            made.append({"rows": rows, "differing": differing(found), "primary": primary(summaries)})
    return made


def test_the_corpus_is_what_python_finds() -> None:
    text = "[\n" + ",\n".join(json.dumps(case) for case in cases()) + "\n]\n"
    if not CORPUS.exists():
        CORPUS.write_text(text, "ascii")
    assert CORPUS.read_text("ascii") == text
