// What a chart says of itself: what its points stand for, what is not in it, how runs ended up.

import { duration, measure, plural } from "../base/format.js";

/**
 * What the points of a chart are: `all 800 points`, `means of 157 buckets of 64 steps, 76,800 points of 6 of 8 runs`.
 * @param {any} metric its entry in report.metrics
 * @param {number[]} runs indices of the selected runs
 * @returns {string}
 */
export function pointsNote(metric, runs) {
  const wanted = new Set(runs);
  const entries = metric.of.filter((/** @type {any} */ entry) => wanted.has(entry.run));
  const points = entries.reduce((/** @type {number} */ sum, /** @type {any} */ entry) => sum + entry.count, 0);
  const whose = entries.length < runs.length ? ` of ${entries.length} of ${plural(runs.length, "run")}` : "";
  if (!metric.exact) {
    const width = `${measure(metric.width)} ${metric.width === 1 ? metric.axis : metric.axis + "s"}`;
    return `means of ${plural(metric.buckets, "bucket")} of ${width}, ${plural(points, "point")}${whose}`;
  }
  const all = points === 1 ? "the only point" : `all ${plural(points, "point")}${whose}`;
  return metric.band ? `${all}, means of those of one ${metric.axis}` : all;
}

/**
 * What else is to be known of how they are drawn: the band, smoothing, what could not be shown.
 * @param {{band: boolean, smooth: number, requeues: boolean, unplaced: number, hidden: number, nonfinite: number, x: string, zoomed: boolean}} drawn
 * @returns {string[]}
 */
export function drawnNotes({ band, smooth, requeues, unplaced, hidden, nonfinite, x, zoomed }) {
  return [
    band && "band min–max",
    smooth > 0 && `smoothed ${smooth.toFixed(2)}`,
    zoomed && "zoomed",
    requeues && "▾ requeued",
    nonfinite > 0 && `✕ NaN or infinity in ${plural(nonfinite, "run")}`,
    hidden > 0 && `${plural(hidden, "value")} at or below 0 not shown on a log axis`,
    unplaced > 0 && `${plural(unplaced, "run")} not shown, ${x} unknown`,
  ].filter((note) => note !== false);
}

/**
 * A place along x in words: `step 5,000`, `steps 4,992 to 5,055`, `epoch 3.42`, `after 3h 12m`.
 * @param {number} x
 * @param {string} axis step, epoch or time
 * @param {{from: number, width: number} | null} [bucket] of steps
 */
export function placeText(x, axis, bucket = null) {
  if (axis === "time") return `after ${duration(x)}`;
  if (axis === "epoch") return `epoch ${measure(x)}`;
  if (!bucket || bucket.width <= 1) return `step ${steps(x)}`;
  const [first, last] = [Math.ceil(bucket.from), Math.ceil(bucket.from + bucket.width) - 1];
  return last > first ? `steps ${steps(first)} to ${steps(last)}` : `step ${steps(first)}`;
}

/** @param {number} x */
function steps(x) {
  return Number.isInteger(x) ? String(x).replace(/\B(?=(\d{3})+$)/g, ",") : measure(x); // toLocaleString takes 0.2 ms
}
