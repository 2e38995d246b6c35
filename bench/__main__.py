"""python -m bench [LINE...]: measure, print the table, and write bench/RESULTS.md when all lines were asked for."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from bench.lines import ALL
from bench.measure import Line


def main(names: list[str]) -> None:
    """Measure the lines of *names*, all when there are none."""
    if not ALL.keys() >= set(names):
        sys.exit(f"{__doc__}\n\nLINE: {' '.join(ALL)}")
    rows = [_HEAD, _RULE]
    print(*rows, sep="\n")
    for name in names or ALL:
        for line in ALL[name]():
            rows.append(_row(line))
            print(rows[-1], flush=True)
    if not names:
        Path(__file__).with_name("RESULTS.md").write_text("\n".join([*_intro(), "", *rows, ""]))


_HEAD = "| what | spt | other | against | ratio | range | asked |"
_RULE = "|---|---|---|---|---|---|---|"


def _row(line: Line) -> str:
    spread = f"{_short(min(line.ratios))} to {_short(max(line.ratios))}"
    verdict = f"{line.goal}" if line.ratio <= line.goal else f"{line.goal}: **missed**"
    values = (f"{_short(value)} {line.unit}".strip() for value in (line.ours, line.other))
    return " | ".join(["| " + line.name, *values, line.against, f"**{_short(line.ratio)}**", spread, f"{verdict} |"])


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _intro() -> list[str]:
    system = f"{platform.machine()}, {platform.system()} {platform.release().split('-')[0]}"
    return [
        "# Benchmarks",
        "",
        "Written by `make bench`. Medians; the two sides of a row are measured in turn: read the ratio and its range",
        "over the rounds, not the seconds. *peer*: the viewer inside stable-pretraining 0.1.8. *1 ms an operation*:",
        "`slowfs.c` delays every stat, open, read and listing below the root, as a network disk without a cache does.",
        "",
        f"Machine: {os.cpu_count()} cores, {system}, Python {platform.python_version()}.",
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
