// A plotting area on a canvas: axes, a cursor shared by all of one key, zoom by dragging. uPlot does these; what stands
// between the axes is painted by whoever makes the plot.
//
// uPlot is given no series of its own: its hidden legend and hover points cost a walk over all runs for every move of
// the mouse, in every chart, and it bridges NaN (its gaps are nulls, which typed arrays cannot hold).

import { h } from "../base/dom.js";
import { pixels } from "./paint.js";

/** @typedef {[number, number]} Range */
/** @typedef {import("./paint.js").Place} Place */
/** @typedef {{log: boolean, ticks: (low: number, high: number, most: number) => import("./ticks.js").Ticks}} Axis */
/** @typedef {{text: string, grid: string, frame: string}} Ink */
/** @typedef {(context: CanvasRenderingContext2D, place: Place) => void} Painting */

/**
 * @typedef {object} PlotOptions
 * @property {number} width CSS pixels, with the axes
 * @property {number} height
 * @property {Axis} x
 * @property {Axis} y
 * @property {{x: Range, y: Range}} ranges
 * @property {Ink} ink
 * @property {Painting} paint
 * @property {(x: number | null, y: number, own: boolean) => void} [oncursor] values under the cursor; null: it left; *own*: the mouse is in this plot, or just left it
 * @property {(zoom: {x?: Range, y?: Range}) => void} [onzoom]
 * @property {() => void} [onreset] a double click
 * @property {boolean} [crosshair] a line at the cursor; true when left out
 * @property {string} [sync] plots of one key share the cursor's x
 */

const FONT_SIZE = 11;
export const FONT = `${FONT_SIZE}px system-ui, sans-serif`;
const DRAG = 24; // CSS pixels across from which on a drag along one axis zooms both

/**
 * @param {HTMLElement} host
 * @param {PlotOptions} options
 */
export function createPlot(host, options) {
  const above = h("canvas", { class: "plot-over" });
  /** @type {Painting | null} */
  let painting = null;
  const shown = { ...options.ranges };
  const drawn = plot(host, { ...options, ranges: shown }, {
    draw: [(/** @type {any} */ u) => options.paint(u.ctx, placeOf(u, options)), () => painting && paintAbove()],
    setSelect: [(/** @type {any} */ u) => selected(u, options)],
    setCursor: [
      (/** @type {any} */ u) => {
        const { left, top, event } = u.cursor; // no event: another plot of the same key was pointed at, or the keys were used
        options.oncursor?.(left < 0 ? null : u.posToVal(left, "x"), u.posToVal(Math.max(top, 0), "y"), Boolean(event));
      },
    ],
  });
  drawn.over.before(above);

  function paintAbove() {
    const { width, height } = drawn.ctx.canvas;
    if (above.width !== width || above.height !== height) [above.width, above.height] = [width, height];
    const context = above.getContext("2d");
    context.clearRect(0, 0, width, height);
    painting?.(context, placeOf(drawn, options));
  }

  return {
    /** Paints on a second canvas, until told otherwise: what follows the mouse does not draw the lines again. @param {Painting | null} next */
    over(next) {
      const idle = painting === null && next === null;
      painting = next;
      if (!idle) paintAbove();
    },
    canvas: /** @type {HTMLCanvasElement} */ (drawn.ctx.canvas),
    place: () => placeOf(drawn, options),
    /** CSS pixels of the host from the left of the window; uPlot knows without asking the browser at each move. */
    left: () => drawn.rect.left - drawn.bbox.left / devicePixelRatio,
    /** @param {{x: Range, y: Range}} ranges */
    setRanges(ranges) {
      Object.assign(shown, ranges); // uPlot asks for x again
      drawn.batch(() => {
        drawn.setScale("x", { min: ranges.x[0], max: ranges.x[1] });
        drawn.setScale("y", { min: ranges.y[0], max: ranges.y[1] });
      });
    },
    redraw: () => drawn.redraw(false),
    /** @param {number} width @param {number} height */
    setSize(width, height) {
      if (width !== drawn.width || height !== drawn.height) drawn.setSize({ width, height });
    },
    /** Puts the cursor where *x* is, in this plot and in those that share it. @param {number} x */
    setCursor(x) {
      drawn.cursor.sync.values = [x, null];
      drawn.setCursor({ left: drawn.valToPos(x, "x"), top: drawn.over.clientHeight / 2 }, true, true);
    },
    clearCursor: () => drawn.setCursor({ left: -10, top: -10 }, true, true),
    destroy: () => drawn.destroy(),
  };
}

/** @typedef {ReturnType<typeof createPlot>} Plot */

/**
 * @param {HTMLElement} host
 * @param {PlotOptions} options
 * @param {Record<string, Function[]>} hooks
 */
function plot(host, options, hooks) {
  const { ranges, ink } = options;
  const shared = {
    points: { show: false },
    x: options.crosshair !== false,
    y: false,
    drag: { x: true, y: true, uni: DRAG, dist: 4, setScale: false },
    bind: { dblclick: () => () => options.onreset?.() },
    sync: options.sync && {
      key: options.sync,
      scales: ["x", null],
      filters: { pub: (/** @type {string} */ type) => type === "mousemove", sub: () => true },
    },
  };
  /** @param {Axis} axis @param {"x" | "y"} side */
  const scale = (axis, side) => ({ time: false, auto: false, distr: axis.log ? 3 : 1, range: () => ranges[side] });
  // @ts-expect-error uPlot is the script before this one
  return new uPlot(
    {
      width: options.width,
      height: options.height,
      legend: { show: false },
      cursor: options.oncursor || options.onzoom ? shared : { show: false },
      padding: [8, 18, 0, 4], // to the right: half of the last tick's text
      series: [{}],
      scales: { x: scale(options.x, "x"), y: scale(options.y, "y") },
      axes: [axisOf(options.x, "x", ink), axisOf(options.y, "y", ink)],
      hooks,
    },
    [[...ranges.x]],
    host,
  );
}

/** CSS pixels that a tick needs along its axis. */
const ROOM = { x: 54, y: 26 };

/** @param {Axis} axis @param {"x" | "y"} side @param {Ink} ink */
function axisOf(axis, side, ink) {
  /** @type {import("./ticks.js").Ticks} */
  let found = { at: [], texts: [] };
  return {
    scale: side,
    font: FONT,
    stroke: ink.text,
    grid: { stroke: ink.grid, width: 1 },
    ticks: { show: false },
    border: { show: true, stroke: ink.frame, width: 1 },
    gap: 6,
    space: ROOM[side],
    // it has none of its own beyond 1e32, and would leave the axis out; ticks are ours
    incrs: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ low, /** @type {number} */ high) => [Math.max(high - low, 5)],
    splits: (/** @type {any} */ u, /** @type {number} */ _, /** @type {number} */ low, /** @type {number} */ high) => {
      const length = side === "x" ? u.bbox.width : u.bbox.height;
      found = axis.ticks(low, high, Math.max(Math.floor(length / devicePixelRatio / ROOM[side]), 2));
      return found.at;
    },
    filter: (/** @type {any} */ _, /** @type {number[]} */ splits) => splits,
    values: () => found.texts,
    size: side === "x" ? 26 : (/** @type {any} */ u, /** @type {string[] | null} */ texts) => widestText(u.ctx, texts ?? []) + 10,
  };
}

/** CSS pixels that the widest of *texts* takes. @param {CanvasRenderingContext2D} context @param {string[]} texts */
function widestText(context, texts) {
  context.save();
  context.font = FONT;
  const widest = Math.max(...texts.map((text) => context.measureText(text ?? "").width), 18);
  context.restore();
  return Math.ceil(widest);
}

/** @param {any} u @param {PlotOptions} options @returns {Place} */
function placeOf(u, options) {
  const { left, top, width, height } = u.bbox;
  const { x, y } = u.scales;
  return {
    x: pixels(x.min, x.max, left, left + width, options.x.log),
    y: pixels(y.min, y.max, top + height, top, options.y.log),
    left,
    top,
    width,
    height,
    range: [x.min, x.max],
    ratio: devicePixelRatio,
  };
}

/** @param {any} u @param {PlotOptions} options */
function selected(u, options) {
  const { left, top, width, height } = u.select;
  if (!(width > 0 && height > 0)) return;
  /** @type {{x?: Range, y?: Range}} */
  const zoom = {};
  if (width < u.over.clientWidth) zoom.x = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
  if (height < u.over.clientHeight) zoom.y = [u.posToVal(top + height, "y"), u.posToVal(top, "y")];
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  options.onzoom?.(zoom);
}
