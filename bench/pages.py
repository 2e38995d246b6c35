"""The page of `spt export` against pages of others with the same curves, in one Chromium, in turn."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench import trees
from bench.measure import Line, line
from spt_cli import assets
from spt_cli.render import html
from spt_cli.report import Metric, Options, Report, report
from spt_cli.tree.roots import gather, resolve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_RUNS = 200
_ROUNDS = 5
_HOVERED = 50  # runs
_MOVES = 150
_HEAP = 20e6  # bytes
_PLOTLY = "plotly==6.5.0"
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_PRECISE = "--enable-precise-memory-info"  # else the heap is told in steps of some megabytes


def page() -> Iterator[Line]:
    """Opening a page of many curves, what it holds in memory, and the mouse over its charts."""
    root = trees.curves(_RUNS)
    whole = _report(root)
    folder = trees.BUILD / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    ours, plotly = folder / "spt.html", folder / "plotly.html"
    ours.write_bytes(b"".join(html.page(whole)))
    plotly.write_text(_plotly_page(whole), "utf-8")
    what = f"{_RUNS} runs x {len(whole.metrics)} metrics"
    with _chromium() as browser:
        opened = [(_opened(browser, ours), _opened(browser, plotly)) for _ in range(_ROUNDS)]
        times = [(mine["seconds"], theirs["seconds"]) for mine, theirs in opened]
        yield line(f"page of {what}, first view", times, unit="s", against="Plotly", goal=0.1)
        heaps = [(mine["heap"] / 1e6, _HEAP / 1e6) for mine, _ in opened]
        yield line(f"page of {what}, heap", heaps, unit="MB", against="20 MB", goal=1.0)
        bare = folder / "uplot.html"
        bare.write_text(_uplot_page(whole.metrics, _HOVERED), "utf-8")
        chosen = "#s=" + ",".join(row.run.run_id for row in whole.rows[:_HOVERED])
        pairs = [(_hovered(browser, ours, chosen), _hovered(browser, bare)) for _ in range(_ROUNDS)]
        name = f"mouse over charts of {_HOVERED} runs x {len(whole.metrics)} metrics, a move"
        yield line(name, pairs, unit="ms", against="uPlot alone, no hover points", goal=1.2)


def _report(root: Path) -> Report:
    forest = gather(resolve([str(root)])[0])
    return report(forest, list(forest.runs.values()), Options(limit=_RUNS))


@contextmanager
def _chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*_QUIET, _PRECISE])
        yield browser
        browser.close()


_WATCH = """
globalThis.drawn = 0;
globalThis.charts = 0;
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) {
    if (node.nodeType !== 1 || !(node.matches(".uplot") || node.querySelector(".uplot"))) continue;
    globalThis.charts += 1;
    requestAnimationFrame(() => (globalThis.drawn = performance.now()));
  }
}).observe(document, { childList: true, subtree: true });
"""  # when the last chart was put into the page, and painted; Plotly's page says it itself


@contextmanager
def _visited(browser: Browser, path: Path, where: str = "") -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.add_init_script(_WATCH)
    opened = context.new_page()
    opened.goto(path.as_uri() + where, timeout=120_000)
    while not opened.evaluate("globalThis.drawn > 0 && performance.now() - globalThis.drawn > 700"):
        opened.wait_for_timeout(50)
    yield opened
    context.close()


def _opened(browser: Browser, path: Path) -> dict[str, float]:
    """Seconds from the start of the navigation to the last chart of the first view, and the heap then."""
    with _visited(browser, path) as opened:
        values: dict[str, float] = opened.evaluate(
            "({ seconds: globalThis.drawn / 1000, heap: performance.memory.usedJSHeapSize })"
        )
    return values


def _hovered(browser: Browser, path: Path, where: str = "") -> float:
    """Milliseconds that the main thread is busy for one move of the mouse over a chart, whose cursor all follow."""
    with _visited(browser, path, where) as opened:
        box = opened.locator(".u-over").first.bounding_box()
        assert box
        session = opened.context.new_cdp_session(opened)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})  # its own CPU time, whoever else runs

        def busy() -> float:
            metrics = session.send("Performance.getMetrics")["metrics"]
            return next(1000.0 * float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

        opened.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
        opened.wait_for_timeout(200)
        before = busy()
        for move in range(_MOVES):
            share = (move + 1) / (_MOVES + 1)
            x, y = 5 + share * (box["width"] - 10), box["height"] * (0.3 + 0.4 * share)
            opened.mouse.move(box["x"] + x, box["y"] + y)
        opened.wait_for_timeout(100)
        return (busy() - before) / _MOVES


_UPLOT = """
for (const one of data) {
  const line = (_, run) => (run ? { stroke: `hsl(${run * 47} 70% 45%)`, width: 1.5, points: { show: false } } : {});
  const cursor = { points: { show: false }, sync: { key: "all" } };
  const plain = { width: 400, height: 200, scales: { x: { time: false } }, legend: { show: false } };
  new uPlot({ ...plain, series: one.map(line), cursor }, one, document.body);
}
"""


def _uplot_page(metrics: Sequence[Metric], runs: int) -> str:
    """Charts of uPlot as it comes, without hover points and legend, with one cursor for all."""
    folder = assets.folder("site") / "vendor" / "uplot"
    means = [np.nan_to_num(metric.table.mean[:runs]).astype(np.float32) for metric in metrics]
    data = [[metric.table.x.tolist(), *mean.tolist()] for metric, mean in zip(metrics, means, strict=True)]
    library, style = ((folder / name).read_text() for name in ("uPlot.iife.min.js", "uPlot.min.css"))
    head = f'<meta charset="utf-8"><style>{style} body {{ display: flex; flex-wrap: wrap }}</style>'
    charts = f"const data = {json.dumps(data)};{_UPLOT}"
    return f"<!DOCTYPE html>{head}<body><script>{library}</script><script>{charts}</script>"


def _plotly_page(whole: Report) -> str:
    """What plotly's offline export makes of the same curves: a figure for each metric, its numbers as typed arrays."""
    figures = []
    for number, metric in enumerate(whole.metrics):
        x = _typed(metric.table.x)
        traces = [{"type": "scatter", "mode": "lines", "x": x, "y": _typed(row)} for row in metric.table.mean]
        layout = {"title": {"text": metric.name}, "width": 420, "height": 260, "showlegend": False}
        figures.append(
            f'<div id="f{number}"></div><script>Plotly.newPlot("f{number}", {json.dumps(traces)}, {json.dumps(layout)})'
            f".then(() => requestAnimationFrame(() => (globalThis.drawn = performance.now())))</script>"
        )
    return f'<!DOCTYPE html><meta charset="utf-8"><body><script>{_plotly()}</script>{"".join(figures)}'


def _typed(values: object) -> dict[str, str]:
    return {"dtype": "f4", "bdata": base64.b64encode(np.asarray(values, "<f4").tobytes()).decode()}


def _plotly() -> str:
    """The library that its Python package brings; downloaded from the package index the first time."""
    folder = trees.BUILD / "plotly"
    script = folder / "plotly" / "package_data" / "plotly.min.js"
    if not script.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), _PLOTLY]
        subprocess.run(command, check=True)
        for wheel in folder.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(folder)
    return script.read_text("utf-8")
