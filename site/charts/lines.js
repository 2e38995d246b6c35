// What a chart draws: one line for each run, where it stands, how far it reaches, and what cannot be shown.

import { reached } from "./positions.js";
import { smoothed } from "./smooth.js";

/** @typedef {import("../page/data.js").RunCurve} RunCurve */
/** @typedef {ArrayLike<number>} Numbers */

/**
 * Arrays are as long as `x`; NaN where nothing stands. `y` is drawn, `mean` is what was logged: they differ when it is
 * smoothed. Crosses mark where NaN or infinity begins; they stand where the line broke off, or have no y.
 * @typedef {object} Line
 * @property {number} run index in report.runs
 * @property {number} metric index in report.metrics
 * @property {Numbers} x ascending
 * @property {Numbers} y
 * @property {Float32Array} mean
 * @property {Float32Array | null} min
 * @property {Float32Array | null} max
 * @property {Uint16Array | null} count
 * @property {{x: number, y: number}[]} crosses
 * @property {number[]} requeues where another attempt of the run begins
 * @property {boolean} smooth
 */

/**
 * How lines are asked for. *scales* says where along x a run's steps stand (null: nobody knows); without it x is the step.
 * @typedef {object} Settings
 * @property {number} metric
 * @property {Map<number, import("./positions.js").Scale | null>} [scales] by run
 * @property {boolean} [logx]
 * @property {boolean} [logy]
 * @property {number} [smooth]
 * @property {(run: number) => (number | null)[]} [attempts] first steps; null where there is none
 */

/**
 * The lines of *curves*; the runs whose place along x is unknown; how many values a log axis cannot hold.
 * @param {import("../page/data.js").Curves} curves
 * @param {Settings} settings
 * @returns {{lines: Line[], unplaced: number[], hidden: number}}
 */
export function linesOf(curves, settings) {
  const found = { lines: /** @type {Line[]} */ ([]), unplaced: /** @type {number[]} */ ([]), hidden: 0 };
  for (const curve of curves.runs) {
    const scale = settings.scales?.get(curve.run);
    if (settings.scales && !scale) {
      found.unplaced.push(curve.run);
      continue;
    }
    const x = scale ? reached(curves.x, scale) : curves.x;
    const whole = smoothed(curve.mean, curve.count, settings.smooth ?? 0);
    const y = settings.logx || settings.logy ? positive(x, whole, settings) : whole;
    if (y !== whole) found.hidden += held(curve.mean) - held(y);
    const steps = /** @type {number[]} */ ((settings.attempts?.(curve.run) ?? []).slice(1).filter((step) => step !== null));
    const requeues = scale ? [...reached(steps, scale)] : steps;
    const { run, mean, min, max, count } = curve;
    const smooth = whole !== mean;
    found.lines.push({ run, metric: settings.metric, x, y, mean, min, max, count, crosses: crosses(x, y, curve), requeues, smooth });
  }
  return found;
}

/**
 * *y* with NaN wherever a log axis has no place for the point; *y* itself when there is none such.
 * @param {Numbers} x
 * @param {Numbers} y
 * @param {Settings} settings
 */
function positive(x, y, { logx, logy }) {
  const homeless = (/** @type {number} */ place) => (logx && x[place] <= 0) || (logy && y[place] <= 0);
  let result = null;
  for (let place = 0; place < y.length; place += 1) {
    if (homeless(place)) (result ??= Float64Array.from(y))[place] = NaN;
  }
  return result ?? y;
}

/** @param {Numbers} y */
function held(y) {
  let finite = 0;
  for (let place = 0; place < y.length; place += 1) if (!Number.isNaN(y[place])) finite += 1;
  return finite;
}

/**
 * @param {Numbers} x
 * @param {Numbers} y
 * @param {RunCurve} curve
 */
function crosses(x, y, { nonfinite }) {
  /** @type {{x: number, y: number}[]} */
  const found = [];
  if (!nonfinite) return found;
  let last = NaN;
  for (let place = 0; place < x.length; place += 1) {
    if (!Number.isNaN(y[place])) last = y[place];
    if (nonfinite[place] && !nonfinite[place - 1]) found.push({ x: x[place], y: last });
  }
  return found;
}

/** @typedef {[number, number]} Range */

/**
 * From where to where *lines* reach, null where nothing stands. y counts only what lies within *within* along x, and
 * the bands when *bands*.
 * @param {Line[]} lines
 * @param {{within?: Range | null, bands?: boolean, logx?: boolean, logy?: boolean}} [settings]
 * @returns {{x: Range | null, y: Range | null}}
 */
export function extent(lines, { within = null, bands = false, logx = false, logy = false } = {}) {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y, mean, min, max, crosses } of lines) {
    for (let place = 0; place < x.length; place += 1) {
      if (Number.isNaN(y[place])) continue;
      if (x[place] < left) left = x[place];
      if (x[place] > right) right = x[place];
      if (within && (x[place] < within[0] || x[place] > within[1])) continue;
      const bottom = bands && min ? min[place] : y === mean ? y[place] : Math.min(y[place], mean[place]);
      const top = bands && max ? max[place] : y === mean ? y[place] : Math.max(y[place], mean[place]);
      low = Math.min(low, logy && !(bottom > 0) ? y[place] : bottom);
      high = Math.max(high, top);
    }
    for (const cross of crosses) {
      if (!logx || cross.x > 0) [left, right] = [Math.min(left, cross.x), Math.max(right, cross.x)];
    }
  }
  return { x: left <= right ? [left, right] : null, y: low <= high ? [low, high] : null };
}

/**
 * *range* with room around it, so that nothing lies on the frame; [0, 1] (log: [0.1, 1]) where there is none.
 * @param {Range | null} range
 * @param {boolean} log
 * @param {{share?: number, floor?: boolean}} [how] *share* of the range on each side; *floor*: what begins at 0 or just
 *   above, as counts and losses do, begins at 0
 * @returns {Range}
 */
export function roomy(range, log, { share = 0.05, floor = false } = {}) {
  if (!range) return log ? [0.1, 1] : [0, 1];
  const [low, high] = range;
  if (log) {
    const room = low < high ? 10 ** ((Math.log10(high) - Math.log10(low)) * share) : 2; // high / low may be infinite
    return [Math.max(low / room, Number.MIN_VALUE), Math.min(high * room, Number.MAX_VALUE)];
  }
  const span = high - low;
  const room = span > Math.max(Math.abs(low), Math.abs(high)) * 1e-9 ? span * share : Math.abs(high) * 0.1 || 1;
  return [floor && low >= 0 && low < room ? 0 : low - room, high + room];
}

/**
 * What lines say at a place: y as drawn, the mean, the band and the number of values of the bucket nearest to it.
 * @typedef {{line: Line, x: number, y: number, mean: number, min: number | null, max: number | null, count: number}} Reading
 */

/**
 * The readings of *lines* at *x*, the best first by *goal*; none of lines that have nothing in the bucket there.
 * @param {Line[]} lines
 * @param {number} x
 * @param {string} goal "min" or "max"
 * @returns {Reading[]}
 */
export function readings(lines, x, goal) {
  /** @type {Reading[]} */
  const found = [];
  let [shared, place] = [/** @type {Numbers | null} */ (null), 0];
  for (const line of lines) {
    if (line.x !== shared) [shared, place] = [line.x, nearest(line.x, x)];
    const y = line.y[place];
    if (!(y === y) || beyond(line.x, x)) continue;
    const { mean, min, max, count } = line;
    found.push({
      line,
      x: line.x[place],
      y,
      mean: mean[place],
      min: min && min[place],
      max: max && max[place],
      count: count ? count[place] : 1,
    });
  }
  return found.sort(goal === "min" ? (a, b) => a.y - b.y : (a, b) => b.y - a.y);
}

/**
 * The place in *x* whose value is nearest to *value*; -1 when it is empty.
 * @param {Numbers} x ascending
 * @param {number} value
 */
export function nearest(x, value) {
  if (x.length === 0) return -1;
  let [low, high] = [0, x.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] < value) low = middle;
    else high = middle;
  }
  return value - x[low] <= x[high] - value ? low : high;
}

/**
 * Whether *value* lies further outside of *x* than its first or last two stand apart.
 * @param {Numbers} x
 * @param {number} value
 */
function beyond(x, value) {
  const last = x.length - 1;
  if (last < 1) return false;
  return value < x[0] - (x[1] - x[0]) || value > x[last] + (x[last] - x[last - 1]);
}
