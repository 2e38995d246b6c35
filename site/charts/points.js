// The points of a chart as a table: what a canvas cannot tell to a screen reader.

import { unrounded } from "../base/aligned.js";
import { plainNumber } from "../base/csv.js";
import { h } from "../base/dom.js";

/**
 * A row for each place along x at which any line has a value, a column for each line.
 * @param {import("./chart.js").Model} model
 * @param {string} title
 * @returns {HTMLTableElement}
 */
export function pointsTable({ lines, axis, name, ranges }, title) {
  const [low, high] = ranges.x;
  /** @type {Map<number, (number | undefined)[]>} */
  const rows = new Map();
  lines.forEach(({ x, y }, column) => {
    for (let at = 0; at < x.length; at += 1) {
      if (Number.isNaN(y[at]) || x[at] < low || x[at] > high) continue;
      const row = rows.get(x[at]) ?? [];
      row[column] = y[at];
      rows.set(x[at], row);
    }
  });
  const sorted = [...rows].sort(([a], [b]) => a - b);
  return h("table", null,
    h("caption", null, `${title}, ${sorted.length} rows`),
    h("thead", null, h("tr", null, h("th", { scope: "col" }, axis), ...lines.map((line) => h("th", { scope: "col" }, name(line))))),
    h("tbody", null, ...sorted.map(([x, values]) =>
      h("tr", null,
        h("th", { scope: "row" }, String(plainNumber(x))),
        ...lines.map((_, column) => h("td", null, values[column] === undefined ? "" : String(plainNumber(unrounded(values[column]))))),
      ))),
  ); // prettier-ignore
}
