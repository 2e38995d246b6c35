// The parts of charts that are looked at: along x the same part of all, along y a part of one chart.
//
// In the state they are strings, so that a link holds them: `x:1200:5000` and `y:0.6:0.9:val/acc`.

/** @typedef {[number, number]} Range */

/**
 * What *zoom* says of a chart; null where all of it is shown.
 * @param {string[]} zoom
 * @param {string} chart its name
 * @returns {{x: Range | null, y: Range | null}}
 */
export function zoomOf(zoom, chart) {
  return { x: range(zoom.find((part) => part.startsWith("x:"))), y: range(zoom.find((part) => names(part, chart))) };
}

/**
 * *zoom* with other parts of one chart; null shows all again, undefined leaves it as it is.
 * @param {string[]} zoom
 * @param {string} chart
 * @param {{x?: Range | null, y?: Range | null}} change
 * @returns {string[]}
 */
export function withZoom(zoom, chart, { x, y }) {
  let next = zoom;
  if (x !== undefined) next = [...(x ? [`x:${written(x)}`] : []), ...next.filter((part) => !part.startsWith("x:"))];
  if (y !== undefined) next = [...next.filter((part) => !names(part, chart)), ...(y ? [`y:${written(y)}:${chart}`] : [])];
  return next;
}

/** @param {string} part @param {string} chart */
function names(part, chart) {
  return part.startsWith("y:") && part.split(":").slice(3).join(":") === chart;
}

/** Seven digits: a tenth of a pixel of a chart that is zoomed a thousandfold. @param {Range} range */
function written(range) {
  return range.map((end) => Number(end.toPrecision(7))).join(":");
}

/** @param {string | undefined} part @returns {Range | null} null also for what is none: links are typed by people */
function range(part) {
  const [low, high] = (part ?? "").split(":").slice(1, 3).map((end) => (end === "" ? NaN : Number(end)));
  return Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : null;
}
