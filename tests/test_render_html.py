"""The page as bytes: what stands in it for those without scripts, its data, its policy; and it is always the same."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from spt_cli.exported.packing import unpacked
from spt_cli.render import html, static
from spt_cli.render.chunks import read_chunk
from spt_cli.report import Picture, Primary, Report, Row
from tests.browser.exports import reported
from tests.hostile import INJECTIONS, hostile_tree
from tests.made import a_run
from tests.trees import NOW, Tree


def written(report: Report, files: html.Files | None = None) -> str:
    return b"".join(html.page(report, files)).decode()


def markup(page: str) -> str:
    """What is left of *page* without scripts, data and style."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)


@pytest.fixture(scope="module")
def real(real_runs: Path) -> Report:
    return reported(real_runs)


@pytest.fixture(scope="module")
def page(real: Report) -> str:
    return written(real)


class Elements(HTMLParser):
    """The elements of a page, and what stands in each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by HTMLParser."""
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "img", "br", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Called by HTMLParser."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Called by HTMLParser."""
        if self.open and self.open[-1] == "script":
            self.texts[self.tags[-1][1].get("id") or "program"] = data


def test_every_element_is_closed_where_it_should_be(page: str) -> None:
    assert Elements(page).open == []


def test_the_policy_names_the_very_script_and_style(page: str) -> None:
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    for texts, kind in ((scripts, "script-src"), (styles, "style-src")):
        (text,) = texts
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in policy[1]


def test_the_policy_is_the_first_thing_in_head(page: str) -> None:
    assert re.match(r'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta http-equiv="Content-Security-Policy"', page)


def test_data_are_where_the_script_looks_for_them(real: Report, page: str) -> None:
    found = Elements(page).texts
    logs, media = (
        sorted(f"{kind}-{place}" for place in held) for kind, held in (("logs", real.logs), ("media", real.media))
    )
    assert list(found) == [
        "report",
        *(f"curves-{m}" for m in range(len(real.metrics))),
        *_numeric(logs),
        *_numeric(media),
        "program",
    ]
    head = json.loads(unpacked(found["report"], 1 << 20))
    assert [run["run_id"] for run in head["runs"]] == [row.run.run_id for row in real.rows]
    assert json.loads(found[logs[0]])[0]["name"] == real.logs[int(logs[0][5:])][0].name


def _numeric(ids: list[str]) -> list[str]:
    return sorted(ids, key=lambda name: int(name.partition("-")[2]))


def test_curves_come_back_from_the_page(real: Report, page: str) -> None:
    text = Elements(page).texts["curves-0"]
    metric = real.metrics[0]
    size = len(metric.of), len(metric.table.x)
    back = read_chunk(
        text, *size, exact=metric.exact, band=metric.band, counts=metric.counts, nonfinites=metric.nonfinites
    )
    np.testing.assert_allclose(back.mean, metric.table.mean, rtol=2**-12)


def test_data_are_ascii_without_an_opening_bracket_and_say_the_same() -> None:
    value = {text: [text] for text in INJECTIONS if not re.search("[\ud800-\udfff]", text)}
    made = html.embedded(value)
    assert re.fullmatch(r"[\x20-\x7e]*", made)
    assert "<" not in made
    assert json.loads(made) == value


def test_halves_of_characters_stay_what_they_are() -> None:
    assert html.embedded(["\udcff"]) == '["\\udcff"]'


def test_nan_is_null() -> None:
    assert html.embedded([float("nan"), float("inf")]) == "[null,null]"


def test_every_run_stands_in_the_table_past_the_limit_too(real_runs: Path) -> None:
    text = markup(written(reported(real_runs, limit=2)))
    ids = {str(path.parent.relative_to(real_runs)) for path in real_runs.rglob("sidecar.json")}
    assert set(re.findall(r'<th scope="row">([^<]*?)(?: <|<)', text)) == ids


def test_no_address_leads_out_and_no_attribute_is_code(page: str) -> None:
    for tag, attributes in Elements(page).tags:
        for name, value in attributes.items():
            assert name not in {"style", "srcdoc"}, tag
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href"}:
                assert (value or "").startswith("data:"), (tag, value)
    assert not re.search(r"https?://", markup(page))


def test_the_markup_says_states_best_run_and_when(page: str) -> None:
    text = markup(page)
    assert "<title>runs · 1 failed, 1 running, 28 completed</title>" in text
    assert '<time datetime="2027-01-15T08:00:00.000Z">2027-01-15 08:00 UTC</time>' in text
    assert "best run</span> <strong>slurm/requeued</strong> highest val/acc <b>1</b>" in text


def test_runs_are_judged_by_nothing_else_where_the_primary_metric_has_no_curve(tree: Tree) -> None:
    """As where only the summaries of a sweep were kept: the first chart there is says nothing of which is best."""
    tree.run("a", summary={"val/acc": 0.25})
    tree.run("b", summary={"val/acc": 0.75, "a/speed": 3.0})
    tree.write("b/metrics.csv", "step,a/speed\n0,1\n1,3\n")
    shown = static.contents(reported(tree.root))
    assert (shown["best"], shown["legend"]) == (None, [])
    assert [cell.text for cell in shown["columns"]][2:4] == ["highest val/acc", "last"]
    assert {row["id"]: [cell.text for cell in row["cells"]] for row in shown["rows"]} == {
        "a": ["", "0.25"],
        "b": ["", "0.75"],
    }


def test_the_markup_holds_the_traceback_of_what_failed(page: str) -> None:
    assert re.search(r"<details open>.*?Traceback \(most recent call last\):", markup(page), re.DOTALL)


def test_hostile_runs_leave_the_page_whole(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    root.mkdir()
    text = written(reported(hostile_tree(root), title=INJECTIONS[1]))
    elements = Elements(text)
    assert elements.open == []
    allowed = (
        "html head meta title link style body div script header h1 p span strong b main noscript section h2 small ol "
        "li svg path text figure figcaption table thead tbody tr th td details summary pre footer time"
    )
    assert {tag for tag, _ in elements.tags} <= set(allowed.split())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\ud800-\udfff]", text.replace("\t", ""))


def test_an_empty_report_is_a_page(tree: Tree) -> None:
    text = written(reported(tree.root))
    assert "<title>runs · no runs</title>" in text
    assert '<p class="note">No runs.</p>' in text


def test_notes_with_braces_are_no_template(tree: Tree) -> None:
    tree.run("a", notes="{{7*7}}", display_name="{{7*7}} {% if %}", tags=["{#"])
    text = markup(written(reported(tree.root)))
    assert "{{7*7}} {% if %}" in text
    assert "49" not in re.sub(r"[\d:-]{5,}", "", text)


PROGRAM = """
import sys
from pathlib import Path
from tests.browser.exports import reported
from spt_cli.render import html
sys.stdout.buffer.write(b"".join(html.page(reported(Path(sys.argv[1])))))
"""


def test_the_same_runs_give_the_same_bytes_under_any_locale_zone_and_hash_seed(real_runs: Path, page: str) -> None:
    environ = os.environ | {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7", "COLUMNS": "40"}
    checkout = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, real_runs], capture_output=True, check=True, env=environ, cwd=checkout
    )
    assert done.stdout.decode() == page


def test_a_split_page_names_its_files_and_trusts_only_its_own_place(real: Report) -> None:
    picture = Picture(step=1, tag="a", type="image", src="images/1.png", width=1, height=1)
    text = written(structs.replace(real, media={0: (picture,)}), html.Files("page.js", "page.css", "icon.svg"))
    assert '<script src="page.js"></script>' in text
    assert '<link rel="stylesheet" href="page.css">' in text
    assert "<style>" not in text
    assert '<img src="images/1.png" alt="a, step 1, slurm/requeued" loading="lazy">' in text
    assert "script-src 'self'; style-src 'self'; img-src 'self' data:;" in text


def test_the_markup_of_many_runs_stays_small() -> None:
    """5,000 runs are to fit in 20 MB with everything; what stands outside scripts is a small part of that."""
    report = _many(5000)
    assert len(markup(written(report)).encode()) < 5_000_000


def _many(count: int) -> Report:
    hparams = {f"model.option{number}": "value" for number in range(5)}
    rows = tuple(
        Row(
            a_run(
                f"sweep/2026-11-23/run-{number:05}", hparams=hparams, summary={"val/acc": 0.5}, created_at=NOW - number
            ),
            spark=tuple(0.1 * (at % 7) for at in range(40)),
        )
        for number in range(count)
    )
    differing = tuple(hparams)
    return Report(
        title="many",
        roots=("runs",),
        as_of=NOW,
        stale_after=180.0,
        points=200,
        primary=Primary("val/acc", "max"),
        rows=rows,
        metrics=(),
        epochs=(),
        differing=differing,
    )


def path_of(tree: Tree, *values: float) -> str:
    """The line that the page draws of *values*."""
    tree.run("r", summary={"m": 1.0})
    tree.write("r/metrics.csv", "step,m\n" + "".join(f"{step},{value}\n" for step, value in enumerate(values)))
    found = re.search(r'<path class="slot0" d="(M[^"]*l?[^"]*)"/>\n</svg>', markup(written(reported(tree.root))))
    return found[1] if found else ""


def test_a_small_curve_goes_from_corner_to_corner(tree: Tree) -> None:
    assert path_of(tree, 0.0, 1.0) == "M50 150h0l280-140"


def test_a_small_curve_has_a_gap_where_nothing_is_finite(tree: Tree) -> None:
    assert path_of(tree, 0.0, float("nan"), 1.0) == "M50 150h0M330 10h0"


def test_a_point_alone_is_a_dot_in_the_middle(tree: Tree) -> None:
    assert path_of(tree, 3.0) == "M190 80h0"


def test_the_largest_numbers_are_drawn(tree: Tree) -> None:
    assert path_of(tree, -1e308, 1e308, 0.0) == "M50 150h0l140-140l140 70"


def test_long_labels_move_the_frame_and_equal_ones_are_one(tree: Tree) -> None:
    """The ends of `-1.235e-05` were cut off."""
    assert path_of(tree, -1.2345e-5, 1.0) == "M69 150h0l261-140"
    tree.write("r/metrics.csv", "step,m\n0,3\n1,3\n")
    assert re.findall(r'<text x="46" y="(\d+)" class="end">([^<]*)', markup(written(reported(tree.root)))) == [
        ("84", "3")
    ]


def test_the_largest_steps_are_drawn(tree: Tree) -> None:
    tree.run("r", summary={"m": 1.0})
    tree.write("r/metrics.csv", "step,m\n-1.7e308,0\n0,1\n1.7e308,0\n")
    assert '<path class="slot0" d="M50 150h0l140-140l140 140"/>' in markup(written(reported(tree.root)))


def test_states_have_glyphs_and_foreign_ones_no_class() -> None:
    assert [static.glyph(state) for state in ("failed", "completed", "odd")] == ["✗", "✓", "·"]
    assert static.state_class('x" onclick="') == ""
