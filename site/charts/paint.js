// Ink of a chart: bands, lines, dots, crosses and boundaries on a canvas, through a Map of values to pixels.

/** @typedef {import("./lines.js").Line} Line */
/** @typedef {CanvasRenderingContext2D} Context */

/**
 * Where values stand on a canvas: a pixel is `a * value + b`, or `a * log10(value) + b` on a log axis.
 * @typedef {object} Place
 * @property {(x: number) => number} x
 * @property {(y: number) => number} y
 * @property {number} left of the plotting area, as all in canvas pixels
 * @property {number} top
 * @property {number} width
 * @property {number} height
 * @property {[number, number]} range along x, in values
 * @property {number} ratio canvas pixels in a CSS pixel
 */

/** @typedef {{color: string, dash: number[]}} Style */

/**
 * The function from values to pixels of one axis.
 * @param {number} low value at *from*
 * @param {number} high value at *to*
 * @param {number} from pixel
 * @param {number} to pixel
 * @param {boolean} log
 * @returns {(value: number) => number}
 */
export function pixels(low, high, from, to, log) {
  const [first, last] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const factor = last > first ? (to - from) / (last - first) : 0;
  return log ? (value) => from + (Math.log10(value) - first) * factor : (value) => from + (value - first) * factor;
}

/**
 * Paints within the plotting area only.
 * @param {Context} context
 * @param {Place} place
 * @param {() => void} painting
 */
export function within(context, place, painting) {
  context.save();
  context.beginPath();
  context.rect(place.left, place.top, place.width, place.height);
  context.clip();
  context.lineJoin = "round";
  painting();
  context.restore();
}

/**
 * What lies below the lines: requeues as thin dotted verticals with a notch at the top, bands, and with smoothing the
 * curve as it was logged.
 * @param {Context} context
 * @param {Place} place
 * @param {Line} line
 * @param {Style} style
 * @param {{band: boolean}} what
 */
export function paintBelow(context, place, line, style, { band }) {
  context.strokeStyle = context.fillStyle = style.color;
  for (const at of line.requeues) if (at >= place.range[0] && at <= place.range[1]) paintRequeue(context, place, place.x(at));
  if (band && line.min && line.max) paintBand(context, place, line, line.min, line.max);
  if (line.smooth) {
    context.globalAlpha = 0.3;
    context.lineWidth = place.ratio;
    context.setLineDash([]);
    stroke(context, place, line, line.mean);
  }
  context.globalAlpha = 1;
}

/**
 * The line itself, dots where points stand far apart or alone, and its crosses.
 * @param {Context} context
 * @param {Place} place
 * @param {Line} line
 * @param {Style} style
 * @param {number} width CSS pixels
 */
export function paintLine(context, place, line, style, width) {
  context.strokeStyle = context.fillStyle = style.color;
  context.lineWidth = width * place.ratio;
  context.setLineDash(style.dash.map((length) => length * place.ratio));
  stroke(context, place, line, line.y);
  context.setLineDash([]);
  paintDots(context, place, line, width);
  context.lineWidth = 1.75 * place.ratio;
  for (const cross of line.crosses) paintCross(context, place, cross);
}

/**
 * The places of *x* from one before *range* to one after it.
 * @param {ArrayLike<number>} x ascending
 * @param {[number, number]} range
 * @returns {[number, number]} first and last
 */
export function visible(x, [low, high]) {
  let [first, last] = [0, x.length - 1];
  while (first < last && x[first + 1] < low) first += 1;
  while (last > first && x[last - 1] > high) last -= 1;
  return [first, last];
}

/** @param {Context} context @param {Place} place @param {Line} line @param {ArrayLike<number>} y */
function stroke(context, place, { x }, y) {
  const [first, last] = visible(x, place.range);
  context.beginPath();
  let drawing = false;
  for (let at = first; at <= last; at += 1) {
    const top = place.y(y[at]);
    const there = top - top === 0; // finite: not NaN, and not what a log axis has no place for
    if (there && drawing) context.lineTo(place.x(x[at]), top);
    else if (there) context.moveTo(place.x(x[at]), top);
    drawing = there;
  }
  context.stroke();
}

/**
 * The band, a piece for each stretch without a gap; a bucket that stands alone is a bar. On a log axis what reaches to
 * zero or below goes down to the frame.
 * @param {Context} context
 * @param {Place} place
 * @param {Line} line
 * @param {Float32Array} min
 * @param {Float32Array} max
 */
function paintBand(context, place, { x, y }, min, max) {
  const [first, last] = visible(x, place.range);
  const bottom = place.top + place.height;
  const low = (/** @type {number} */ at) => Math.min(finite(place.y(min[at]), bottom), bottom + 10);
  context.globalAlpha = 0.16;
  for (let from = first; from <= last; from += 1) {
    if (!(y[from] === y[from])) continue;
    let to = from;
    while (to < last && y[to + 1] === y[to + 1]) to += 1;
    context.beginPath();
    for (let at = from; at <= to; at += 1) context.lineTo(place.x(x[at]), place.y(max[at]));
    for (let at = to; at >= from; at -= 1) context.lineTo(place.x(x[at]), low(at));
    if (from === to) context.rect(place.x(x[from]) - place.ratio, place.y(max[from]), 2 * place.ratio, low(from) - place.y(max[from]));
    context.fill();
    from = to;
  }
}

/** @param {number} pixel @param {number} otherwise */
function finite(pixel, otherwise) {
  return Number.isFinite(pixel) ? pixel : otherwise;
}

const FAR = 14; // CSS pixels between points from which on each is a dot

/** @param {Context} context @param {Place} place @param {Line} line @param {number} width */
function paintDots(context, place, { x, y }, width) {
  const [first, last] = visible(x, place.range);
  let [from, to, held] = [NaN, NaN, 0];
  for (let at = first; at <= last; at += 1) {
    if (!(y[at] === y[at])) continue;
    if (held === 0) from = place.x(x[at]);
    to = place.x(x[at]);
    held += 1;
  }
  const sparse = held < 2 || (to - from) / (held - 1) > FAR * place.ratio;
  const alone = (/** @type {number} */ at) => !(y[at - 1] === y[at - 1]) && !(y[at + 1] === y[at + 1]);
  const radius = (width / 2 + (held === 1 ? 2.5 : 1.5)) * place.ratio;
  context.beginPath();
  for (let at = first; at <= last; at += 1) {
    if (!(y[at] === y[at]) || !(sparse || alone(at))) continue;
    const [left, top] = [place.x(x[at]), place.y(y[at])];
    context.moveTo(left + radius, top);
    context.arc(left, top, radius, 0, 2 * Math.PI);
  }
  context.fill();
}

/** A cross where the line broke off; at the lower frame when there was no line. @param {Context} context @param {Place} place @param {{x: number, y: number}} cross */
function paintCross(context, place, cross) {
  const arm = 4 * place.ratio;
  const lowest = place.top + place.height - arm - place.ratio;
  const left = place.x(cross.x);
  const top = Math.min(Math.max(finite(place.y(cross.y), lowest), place.top + arm), lowest);
  context.beginPath();
  context.moveTo(left - arm, top - arm);
  context.lineTo(left + arm, top + arm);
  context.moveTo(left - arm, top + arm);
  context.lineTo(left + arm, top - arm);
  context.stroke();
}

/** @param {Context} context @param {Place} place @param {number} left */
function paintRequeue(context, place, left) {
  const notch = 4 * place.ratio;
  context.globalAlpha = 0.55;
  context.lineWidth = place.ratio;
  context.setLineDash([place.ratio, 3 * place.ratio]);
  context.beginPath();
  context.moveTo(left, place.top);
  context.lineTo(left, place.top + place.height);
  context.stroke();
  context.globalAlpha = 1;
  context.beginPath();
  context.moveTo(left - notch, place.top);
  context.lineTo(left + notch, place.top);
  context.lineTo(left, place.top + 1.5 * notch);
  context.fill();
}
