"""The report as JSON: its schema is current, reports keep to it, and nothing of the report is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from spt_cli.exported.document import Document, schema
from spt_cli.render import report_json
from spt_cli.report import Log, Options, Picture, Report, report
from spt_cli.tree.roots import gather, resolve
from tests.trees import NOW, Tree

SCHEMA = Path(__file__).parent.parent / "docs" / "report.schema.json"


def made(root: Path, **options: Any) -> Report:
    forest = gather(resolve([str(root)])[0], now=NOW)
    return report(forest, list(forest.runs.values()), Options(**options))


def document(content: Report) -> Any:
    return json.loads(b"".join(report_json.document(content)), parse_constant=pytest.fail)


def lines(content: Report) -> list[Any]:
    return [json.loads(line, parse_constant=pytest.fail) for line in report_json.lines(content)]


@pytest.fixture
def odd(tree: Tree) -> Report:
    """Two runs with all that a report can hold: means of several points, NaN, points without a step, logs, pictures."""
    tree.run("a", summary={"loss": float("nan")}, notes="\x1b[31m", hparams={"big": 10**30})
    tree.write(
        "a/metrics.csv", "step,epoch,loss\n" + "".join(f"{x},0,{x * 1e-7 - 3}\n" for x in range(50)) + "50,1,nan\n"
    )
    tree.run("b\udcff", tags="none")
    tree.write("b\udcff/metrics.csv", "epoch,loss\n1,1e300\n2,-5e-324\n3,0\n")
    log = Log("rank 0 .err", "err", 0, "id", 12, 2, "Traceback\nError", 0)
    pictures = (Picture(1, "x", "image", None, 2, 2, "data:,"), Picture(2, "y", "video", why="too large"))
    content = made(tree.root, points=8)
    return Report(
        **{name: getattr(content, name) for name in content.__struct_fields__ if name not in {"logs", "media"}},
        logs={0: (log,)},
        media={1: pictures},
    )


def test_the_schema_in_the_documents_is_current() -> None:
    """python -c "from spt_cli.exported import document as d; print(d.schema(), end='')" > docs/report.schema.json"""  # noqa: D403 - a command
    assert SCHEMA.read_text("utf-8") == schema()


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))


def test_reports_keep_to_the_schema(odd: Report, real_runs: Path, tmp_path: Path) -> None:
    check = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    for content in (odd, made(real_runs, points=20), made(real_runs, limit=0), made(tmp_path)):
        assert list(check.iter_errors(document(content))) == []


def test_every_field_of_the_schema_is_written(odd: Report) -> None:
    """Else a reader would find nothing where the schema promises something."""

    def fields(value: Any, kind: Any) -> None:
        if "$ref" in kind:
            kind = json.loads(schema())["$defs"][kind["$ref"].rpartition("/")[2]]
        if "properties" in kind:
            assert value.keys() == kind["properties"].keys()
            for name, of in kind["properties"].items():
                fields(value[name], of)
        elif kind.get("type") == "array" and value:
            fields(value[0], kind.get("items", {}))

    content = document(odd)
    content = {name: content[name] for name in Document.__struct_fields__}  # runs and metrics come last, for streaming
    content["runs"].sort(key=lambda run: not run["logs"])
    fields(content, {"$ref": "Document"})


def test_curves_stand_in_place(odd: Report) -> None:
    (loss,) = document(odd)["metrics"]
    table = odd.metrics[0].table
    assert (loss["x"], loss["start"]) == (table.x.tolist(), table.start.tolist())
    for row, entry in enumerate(loss["of"]):
        curve = entry["curve"]
        mean, low, high = (np.array(curve[name], float) for name in ("mean", "min", "max"))
        assert np.allclose(mean, table.mean[row], rtol=5e-6, equal_nan=True)
        assert np.array_equal(np.isnan(low), np.isnan(table.min[row]))
        assert not (low > table.min[row]).any()
        assert not (high < table.max[row]).any()
        assert np.allclose(low, table.min[row], rtol=1e-5, equal_nan=True)
        assert (curve["count"], curve["nonfinite"]) == (table.count[row].tolist(), table.nonfinite[row].tolist())


def test_numbers_of_curves_are_short(real_runs: Path) -> None:
    for metric in document(made(real_runs, points=20))["metrics"]:
        for entry in metric["of"]:
            digits = [repr(mean).strip("-0").replace(".", "").lstrip("0") for mean in entry["curve"]["mean"] if mean]
            assert max(map(len, digits), default=0) <= report_json.DIGITS


def test_what_a_curve_does_not_need_is_null(tree: Tree) -> None:
    tree.run("a")
    tree.write("a/metrics.csv", "step,loss\n1,2\n2,3\n")
    curve = document(made(tree.root))["metrics"][0]["of"][0]["curve"]
    assert curve == {"mean": [2.0, 3.0], "min": None, "max": None, "count": None, "nonfinite": None}


def test_lines_hold_what_the_document_holds(odd: Report) -> None:
    whole, parts = document(odd), lines(odd)
    assert {part["schema_version"] for part in parts} == {1}
    assert [part["kind"] for part in parts] == ["report", "run", "run", "curve", "curve"]
    for part in parts:
        del part["schema_version"], part["kind"]
    ids = [run["run_id"] for run in whole["runs"]]
    assert parts[1:3] == whole["runs"]
    (chart,) = whole["metrics"]
    assert parts[0] == {
        name: value for name, value in whole.items() if name not in {"schema_version", "runs", "metrics"}
    }
    shared = {"metric" if name == "name" else name: value for name, value in chart.items() if name != "of"}
    for part, entry in zip(parts[3:], chart["of"], strict=True):
        run = ids[entry.pop("run")]
        assert part == {"run_id": run} | shared | entry
