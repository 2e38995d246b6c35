"""The page of `spt export` against pages of others with the same curves, in one Chromium, in turn."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
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
_NOTCHES, _NOTCH = 60, 120  # CSS pixels
_HEAP = 20e6  # bytes
_MANY = 5_000  # runs
_FRAME = 1000 / 60  # ms
_PLOTLY = "plotly==6.5.0"
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_PRECISE = "--enable-precise-memory-info"  # else the heap is told in steps of some megabytes


def pages() -> Iterator[Line]:
    """How large pages are, opening one of many curves, what it holds in memory, and the mouse over its charts."""
    folder = trees.BUILD / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    ours, plotly, many = (folder / f"{name}.html" for name in ("spt", "plotly", "many"))
    whole = _report(trees.curves(_RUNS))
    what = f"{_RUNS} runs x {len(whole.metrics)} metrics"
    yield _size(ours, whole, f"{what} x 10,000 rows", 5)
    yield _size(folder / "short.html", _report(trees.curves(100, 1_000, 30)), "100 runs x 30 metrics x 1,000 rows", 5)
    yield _size(many, _report(trees.curves(_MANY, 300)), f"{_MANY:,} runs x 24 metrics, curves of {_RUNS}", 20)
    plotly.write_text(_plotly_page(whole), "utf-8")
    with _chromium() as browser:
        scrolls = [(_scrolled(browser, many), _FRAME) for _ in range(_ROUNDS)]
        yield line(f"scrolling {_MANY:,} runs, a notch of the wheel", scrolls, unit="ms", against="a frame", goal=1.0)
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


def _size(path: Path, whole: Report, what: str, most: float) -> Line:
    """Megabytes of the page of *whole*, which is written to *path*."""
    path.write_bytes(b"".join(html.page(whole)))
    pairs = [(path.stat().st_size / 1e6, most)]
    return line(f"page of {what}", pairs, unit="MB", against=f"{most:g} MB", goal=1.0)


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
        busy = _busy(opened)
        opened.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
        opened.wait_for_timeout(200)
        before = busy()
        for move in range(_MOVES):
            share = (move + 1) / (_MOVES + 1)
            x, y = 5 + share * (box["width"] - 10), box["height"] * (0.3 + 0.4 * share)
            opened.mouse.move(box["x"] + x, box["y"] + y)
        opened.wait_for_timeout(100)
        return (busy() - before) / _MOVES


def _scrolled(browser: Browser, path: Path) -> float:
    """Milliseconds that the main thread is busy for each notch of the wheel over the run table."""
    with _visited(browser, path) as opened:
        table = opened.wait_for_selector(".rows")  # found once: the page is large, and looking costs more than a notch
        assert table
        busy = _busy(opened)
        before = busy()
        for _ in range(_NOTCHES):
            table.evaluate(f"async (it) => (it.scrollBy(0, {_NOTCH}), await new Promise(requestAnimationFrame))")
        opened.wait_for_timeout(100)
        return (busy() - before) / _NOTCHES


def _busy(opened: Page) -> Callable[[], float]:
    """What tells the milliseconds that the main thread has worked: its own time, whoever else runs."""
    session = opened.context.new_cdp_session(opened)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(1000.0 * float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    return busy


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
