// Where the runs of a chart ended up: last and best, with the step of the best.

import { h } from "../base/dom.js";
import { measure } from "../base/format.js";
import { placeText } from "./notes.js";
import { lineSwatch } from "../base/swatch.js";

/** @typedef {{color: string, dash: number[]}} Style */
/** @typedef {{run: number, place: number, axis: string, last: number | null, best: number | null, x: number | null, nonfinite: boolean}} End */

/**
 * The ends of *runs* in *metrics*, the best first; those without a finite value last.
 * @param {any[]} metrics entries of report.metrics
 * @param {number[]} runs
 * @param {(metric: string) => string} goal
 * @returns {End[]}
 */
export function ends(metrics, runs, goal) {
  const wanted = new Set(runs);
  return metrics.flatMap((metric, place) => {
    const down = goal(metric.name) === "min";
    const found = metric.of.filter((/** @type {any} */ entry) => wanted.has(entry.run));
    return found
      .map((/** @type {any} */ entry) => ({
        run: entry.run,
        place,
        axis: metric.axis,
        last: entry.last,
        best: down ? entry.min : entry.max,
        x: down ? entry.min_x : entry.max_x,
        nonfinite: entry.nonfinite > 0,
      }))
      .sort((/** @type {End} */ a, /** @type {End} */ b) => rank(a.best, down) - rank(b.best, down));
  });
}

/** @param {number | null} value @param {boolean} down */
function rank(value, down) {
  return value === null ? Number.MAX_VALUE : down ? value : -value;
}

/**
 * The highest or lowest of all in one line.
 * @param {any[]} metrics
 * @param {number[]} runs
 * @param {{goal: (metric: string) => string, name: (run: number) => string, style: (run: number) => Style}} of
 * @returns {(Node | string)[]}
 */
export function bestSummary(metrics, runs, { goal, name, style }) {
  const [first, ...others] = ends(metrics.slice(0, 1), runs, goal);
  if (!first) return ["no values"];
  if (first.best === null) return ["no finite value"];
  return [
    goal(metrics[0].name) === "min" ? "lowest " : "highest ", // not best: of a gradient's norm none is
    h("b", null, measure(first.best)),
    h("span", { class: "quiet" }, first.x === null ? "" : ` at ${placeText(first.x, first.axis)} `),
    ...(others.length ? [lineSwatch(style(first.run)), " ", name(first.run)] : []),
  ];
}

/**
 * @param {any[]} metrics
 * @param {number[]} runs
 * @param {{goal: (metric: string) => string, name: (run: number) => string, style: (run: number, place: number) => Style}} of
 * @returns {HTMLTableElement}
 */
export function valuesTable(metrics, runs, { goal, name, style }) {
  const value = (/** @type {number | null} */ number, /** @type {boolean} */ nonfinite) => (number === null ? (nonfinite ? "not finite" : "") : measure(number));
  const rows = ends(metrics, runs, goal).map((end) =>
    h("tr", null,
      h("th", { scope: "row" }, lineSwatch(style(end.run, end.place)), " ", name(end.run), metrics.length > 1 && h("small", null, " ", metrics[end.place].name)),
      h("td", null, value(end.last, end.nonfinite)),
      h("td", null, value(end.best, end.nonfinite)),
      h("td", null, end.x === null ? "" : placeText(end.x, end.axis)),
    )); // prettier-ignore
  const heads = ["run", "last", metrics.length > 1 ? "best" : goal(metrics[0].name), "at"].map((text) => h("th", { scope: "col" }, text));
  return h("table", null, h("thead", null, h("tr", null, ...heads)), h("tbody", null, ...rows));
}
