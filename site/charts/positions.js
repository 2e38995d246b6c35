// Where along x a run's buckets stand: at their steps, or at the epochs or seconds that the run had reached by then.

/** @typedef {{at: ArrayLike<number>, value: ArrayLike<number>}} Scale what a run had reached at which steps, both ascending */

/** Names under which trainers log the seconds since their start. */
const CLOCKS = /^(_runtime|runtime|elapsed|elapsed_time|wall_time|walltime|wall_clock|time\/(elapsed|elapsed_s|total|wall|wall_time|runtime))$/i;

/**
 * The index of the metric that tells the time of runs, or -1.
 * @param {any} report
 * @returns {number}
 */
export function clockMetric(report) {
  return report.metrics.findIndex((/** @type {any} */ metric) => metric.axis === "step" && CLOCKS.test(metric.name));
}

/**
 * The epochs of a run by step: halfway through an epoch of 100 steps is 0.5. null when they are unknown.
 *
 * The last epoch has no end of its own: it is taken to be as long as the one before it.
 * @param {number[]} pairs flat (step, epoch) at which the epoch changes, of the report's `epochs`
 * @returns {Scale | null}
 */
export function epochScale(pairs) {
  if (pairs.length < 2) return null;
  const at = pairs.filter((_, place) => place % 2 === 0);
  const value = pairs.filter((_, place) => place % 2 === 1);
  const last = at.length - 1;
  if (last > 0) {
    at.push(2 * at[last] - at[last - 1]);
    value.push(2 * value[last] - value[last - 1]);
  }
  return { at, value };
}

/**
 * The seconds of a run by step, of the curve of its clock. null without two readings.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} seconds NaN where there is no reading
 * @returns {Scale | null}
 */
export function clockScale(x, seconds) {
  /** @type {number[]} */
  const at = [];
  /** @type {number[]} */
  const value = [];
  for (let place = 0; place < x.length; place += 1) {
    if (Number.isNaN(seconds[place]) || seconds[place] < (value.at(-1) ?? -Infinity)) continue; // a requeue may reset it
    at.push(x[place]);
    value.push(seconds[place]);
  }
  return at.length > 1 ? { at, value } : null;
}

/**
 * What the run had reached at each of *steps*: straight lines between what *scale* knows. Beyond its ends nothing is
 * known but the pace; a scale of one pair knows no pace and stands still. Nothing is before 0.
 * @param {ArrayLike<number>} steps ascending
 * @param {Scale} scale
 * @returns {Float64Array}
 */
export function reached(steps, { at, value }) {
  const result = new Float64Array(steps.length);
  for (let place = 0, right = 1; place < steps.length; place += 1) {
    while (right < at.length - 1 && at[right] < steps[place]) right += 1;
    const left = right - 1;
    const pace = at.length > 1 && at[right] > at[left] ? (value[right] - value[left]) / (at[right] - at[left]) : 0;
    result[place] = Math.max(value[left] + (steps[place] - at[left]) * pace, 0);
  }
  return result;
}
