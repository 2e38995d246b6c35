"""The selection language means in the browser what it means here: both are held to tests/data/where-corpus.json.

This side writes the corpus, `node --test tests/site/where.test.js` reads it.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

from spt_cli.choice.names import Names, UnknownNameError
from spt_cli.choice.where import parse
from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.render.json import encode, row
from tests import test_expression, test_where
from tests.made import a_run
from tests.trees import NOW

CORPUS = Path(__file__).parent / "data" / "where-corpus.json"
HOUR, DAY = 3600.0, 86400.0

# Infinities in a summary, and NaN in hparams, are null in a page and nothing can tell them from others.
_A: dict[str, Any] = test_where.A
FIRST = _A | {"summary": {name: value for name, value in _A["summary"].items() if name != "worst"}}
RUNS = (
    a_run(**FIRST),
    a_run(
        "g0/r2",
        display_name="größe 🙂",
        status="running",
        state="running",
        alive=True,
        created_at=NOW - HOUR,
        heartbeat_at=NOW - 5,
        hparams={"model.width": 128, "head.width": 7, "opt": "adam", "text": "\uffff", "other": "🙂", "big": 10**15},
        summary={"val/acc": 0.5, "val/loss": 1.25},
    ),
    a_run(
        "g1/r3",
        status="running",
        state="stale",
        created_at=NOW - DAY,
        heartbeat_at=NOW - DAY + HOUR,
        tags=("sweep:7", "Ünïcode_1"),
        notes="line one\nline two\n",
        hparams={"opt": "", "flag": False, "x y": 1, 'quote "d"': 2, "a,b": 3, "back\\slash": 4},
    ),
    a_run("g1/r4", created_at=None, archived=True, has_media=True, metrics_size=10**6, logger_run_id="3_0"),
)

ACCEPTED = [
    # names
    *("width > 1", "head.width == 7", "model.width >= 64", "hparams.model.width < 100", "summary.val/acc > 0.6"),
    *('hparams["x y"] == 1', r'hparams["quote \"d\""] == 2', 'hparams["a,b"] == 3', r'hparams["back\\slash"] == 4'),
    *('hparams [ "opt" ] == "sgd"', "hparams['o' 'pt'] == 'adam'", "größe == 3", 'name == "größe 🙂"', "acc > 0.6"),
    *("nonsense > 1", "widht > 1", "stat == 1", 'hparams["nope"] is None', 'summary["width"] > 1', "status == failed"),
    # what Python reads
    *("val/acc>0.6and flag", "(((val/acc))) > 0.6", "not(flag)", "not not flag", "a or b", "flag is not None"),
    *("val/acc > 0.6 or opt == 'adam' and alive", "(val/acc > 0.6 or opt == 'adam') and alive", "not alive or alive"),
    *("0x40 == model.width", "1_28 == model.width", "12.8e1 == model.width", "128. == model.width", ".5 < val/acc"),
    *("00 < val/acc", "0o200 == model.width", "0b10000000 == model.width", "--1 < val/acc", "val/acc > - 1"),
    *("1.5E-1 < val/acc", "1e400 > val/acc", "-inf < val/acc", "big == 1000000000000000", "big > 999999999999999"),
    # texts
    *(
        "opt == u'sgd'",
        r"opt == '\x73\147\u0064'",
        "opt == '''sgd'''",
        'opt == """sgd"""',
        r"name != '\''",
        r"r'\d' != opt",
    ),
    *(
        r"opt == '\U00000073gd'",
        r"notes == 'line one\nline two\n'",
        r"name == '\N{LATIN SMALL LETTER A}'",
        r"opt == '\q'",
    ),
    *("text < other", "other > text", "opt >= 'adam'", "opt < 'b' < 'c'", "'' == opt", "'' in opt", "opt in opt"),
    # lists, kinds, truth
    *("opt in ('sgd', 'adam')", "opt in ()", "opt not in []", "width in (64,)", "flag in (1,)", "tags == tags"),
    *('tags == ["baseline", "sweep:7"]', 'tags >= ("baseline",)', 'tags < ("c",)', 'tags != ("a",)', "tags == ()"),
    *('"sweep:7" in tags and state in {"failed", "stale"}', "tags in (1, 2)", "True == flag", "flag != 1", "flag < 2"),
    *("-True < val/acc", "notes", "opt", "created", "none", "val/loss", "true", "false or archived", "not heartbeat"),
    # patterns: Python's
    *(r'name.matches("^fi")', r'name.matches("r\\d$")', r'notes.matches("two$")', r'notes.matches("one$")'),
    *(r'notes.matches("(?m)one$")', r'notes.matches(r"two\Z")', r'notes.matches("\\Aline")', r'notes.matches("e.l")'),
    *(
        r'notes.matches("(?s)e.l")',
        r'name.matches("(?i)GR")',
        r'tags.matches("^.n.code_\\d$")',
        r'tags.matches("\\w{9}")',
    ),
    *(
        r'name.matches("\\bfirst\\b")',
        r'tags.matches("(?P<n>e)+p")',
        r'tags.matches("(e)\\1")',
        r'name.matches("[^\\W]e")',
    ),
    *(
        r'name.matches("[]g]")',
        r'tags.matches("[:/]7")',
        r'name.matches("a{,3}")',
        r'name.matches("x{")',
        r'name.matches("]")',
    ),
    *(
        r'tags.matches("[\\w-]+:")',
        r'tags.matches("(?<=sweep:)7")',
        r'tags.matches("(?!x)s")',
        r'name.matches("[a&&b]")',
    ),
    *(
        r'name.matches("\\y")',
        r'name.matches("(?P<n>")',
        r'name.matches("[b-a]")',
        r'name.matches("*")',
        r'name.matches("")',
    ),
    *(
        r'name.matches("\\.")',
        r'name.matches("\\-|\\ ")',
        r'name.matches("[\\-a]")',
        r'name.matches("🙂$")',
        r'name.matches(" .$")',
    ),
    # times
    *('age > "2d"', 'age < "90m"', 'age > ".5h"', "age > 3600", 'duration < "1.h"', "duration == 3600", 'age > "1 d"'),
    *('created > "2d"', 'heartbeat > "10s"', 'created > "2027-01-15T08:00:00Z"', 'created >= "2027-01-14 00:00+00:00"'),
    *('created > "20270101T000000Z"', 'created > "2027-01-12T08:00:00.500-01:30"', 'created > "2027-02-29T00:00Z"'),
    *(
        'created > "2027-13-01T00:00Z"',
        'created > "2027-01-01T24:00Z"',
        'created > "0000-01-01T00:00Z"',
        'created > ""',
    ),
    *('created > "2028-02-29T00:00Z"', 'created > "2027-01-01x00:00Z"', 'created > "2027-1-1T00:00Z"', "created > 0"),
    *(
        "duration is None",
        "ended is nan",
        "created is not null",
        "created == created",
        "age == duration",
        'age == "2d"',
    ),
]
PIECES = [
    *test_expression.PIECES,
    *("flag", "opt", "width", "True", "inf", "tags", "notes", "'sgd'", "0.5", "64", "-1", "[", "]", ",", "not in"),
    *(">", "<=", "!=", "is not", "and", "or", "not", "(", ")", "==", "in", ".matches(", "val/loss", "@", "*", "e"),
]


def texts() -> list[str]:
    """Selections of every kind, and random ones: the same each time."""
    dice = random.Random(4)
    made = ["".join(dice.choices(PIECES, k=dice.randint(1, 7))) for _ in range(4000)]
    made += [" ".join(dice.choices(PIECES, k=dice.randint(3, 9))) for _ in range(8000)]
    read = [text for text in made if verdict(text).get("ids") is not None]  # few: most is nonsense
    told = _marked(test_where.test_is_true_of_the_run) + _marked(test_where.test_is_false_of_the_run)
    refused = [text for text, *_ in test_expression.REFUSED if len(text) < 5000]
    random_ones = read + [text for text in made if text not in set(read)][:200]
    every = [*ACCEPTED, *told, *refused, *random_ones]
    return list(dict.fromkeys(text for text in every if not re.search(r"worst|[\ud800-\udfff]", text)))


def _marked(test: Any) -> list[str]:
    """The texts that *test* runs with."""
    return [text for mark in test.pytestmark if mark.name == "parametrize" for text in mark.args[1]]


def verdict(text: str) -> dict[str, Any]:
    """The ids of the RUNS that *text* chooses, or the kind of mistake that it is."""
    try:
        where = parse(text)
    except UsageError:
        return {"error": "unreadable"}
    try:
        holds = where.bind(Names(RUNS), now=NOW)
    except UsageError as error:
        return {"error": "unknown" if isinstance(error.__cause__, UnknownNameError) else "ambiguous"}
    return {"ids": [run.run_id for run in RUNS if holds(run)]}


def rows(runs: tuple[Run, ...]) -> list[Any]:
    """*runs* as a page has them."""
    return [json.loads(encode(row(run))) for run in runs]


def test_the_corpus_is_what_the_language_means() -> None:
    """Written anew when it is not: then look at the difference, and at what Node says of it."""
    cases = [{"text": text, **verdict(text)} for text in texts()]
    lines = ",\n".join(json.dumps(case) for case in cases)
    made = f'{{"now": {NOW}, "runs": {json.dumps(rows(RUNS))},\n"cases": [\n{lines}\n]}}\n'
    kept = CORPUS.read_text("utf-8") if CORPUS.exists() else ""
    if made != kept:
        CORPUS.write_text(made, "utf-8")
    assert made == kept, f"{CORPUS.name} was written anew"
