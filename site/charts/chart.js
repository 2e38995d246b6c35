// A chart of runs: lines, what the mouse or the arrow keys point at, and the run that is brought to the front.

import { unrounded } from "../base/aligned.js";
import { h, show, write } from "../base/dom.js";
import { measure } from "../base/format.js";
import { nearest, readings } from "./lines.js";
import { paintBelow, paintLine, within } from "./paint.js";
import { createPlot } from "./plot.js";
import { ticks } from "./ticks.js";
import { createTip } from "./tip.js";

/** @typedef {import("./lines.js").Line} Line */
/** @typedef {import("./lines.js").Reading} Reading */
/** @typedef {import("./paint.js").Style} Style */
/** @typedef {import("./plot.js").Place} Place */
/** @typedef {[number, number]} Range */

/**
 * All that a chart draws.
 * @typedef {object} Model
 * @property {Line[]} lines
 * @property {{x: Range, y: Range}} ranges
 * @property {boolean} logx
 * @property {boolean} logy
 * @property {string} axis step, epoch or time: charts of one axis share the cursor
 * @property {boolean} bands of all lines; else only of the run in front
 * @property {boolean} smooth
 * @property {string} goal "min" or "max"
 * @property {(line: Line) => Style} style
 * @property {(line: Line) => string} name
 * @property {(x: number) => string} place in words
 * @property {import("../base/ink.js").PageInk} ink
 */

/**
 * @typedef {object} Actions
 * @property {(run: number | null) => void} onfocus the cursor moved, and this run is under it, or none
 * @property {(zoom: {x?: Range | null, y?: Range | null}) => void} onzoom
 * @property {(text: string) => void} say
 */

const WIDTH = 1.5; // of a line, CSS pixels
const NEAR = 24; // CSS pixels from which on a line is pointed at

/** @typedef {{width: number, height: number}} Size CSS pixels */

/**
 * An empty chart in *host*, which takes the keyboard. *size* is that of the host: to measure it here would lay out the
 * page for each chart.
 * @param {HTMLElement} host
 * @param {Size} size
 * @param {Actions} actions
 */
export function createChart(host, size, actions) {
  const tip = createTip();
  const readout = h("p", { class: "readout", "aria-hidden": "true", hidden: true });
  host.append(readout, tip.element);
  /** @type {Model | null} */
  let model = null;
  /** @type {import("./plot.js").Plot | null} */
  let plot = null;
  let kind = "";
  /** @type {number | null} */
  let front = null;
  /** @type {number | null} */
  let cursor = null;
  let driven = false; // the keys move the cursor
  let entered = false; // the cursor is in this chart, not only where it is in another

  /** @param {number | null} x @param {number} y @param {boolean} mouse */
  const pointed = (x, y, mouse) => {
    cursor = x;
    const own = mouse || driven;
    if (!model || !plot || x === null) {
      tip.hide();
      show(readout, false);
      if (own) bring(null);
      return;
    }
    entered = own;
    if (!own) return tip.hide();
    show(readout, false);
    const found = readings(model.lines, x, model.goal);
    const place = plot.place();
    const near = driven ? (found.find(({ line }) => line.run === front) ?? null) : nearestReading(found, place, y);
    bring(near?.line.run ?? null);
    showTip(found, near, place, x);
  };

  /** Here at once, in other charts when the mouse rests. @param {number | null} run */
  const bring = (run) => {
    if (run !== front) {
      front = run;
      plot?.over(run === null ? null : paintFront);
    }
    actions.onfocus(run);
  };

  /** @param {Reading[]} found @param {Reading | null} near @param {Place} place @param {number} x */
  const showTip = (found, near, place, x) => {
    if (!model) return;
    const at = near ?? found[0];
    const { smooth, style, name } = model;
    tip.show({
      title: model.place(at ? at.x : model.axis === "step" ? Math.round(x) : x),
      readings: found,
      focus: near?.line ?? null,
      smooth,
      style,
      name,
    });
    tip.place(place.x(x) / place.ratio, plot?.left() ?? 0);
  };

  /** The value of the run in front, in a chart that the mouse is not in. */
  const readOut = () => {
    const found = entered || front === null || !model || cursor === null ? [] : readings(model.lines.filter(({ run }) => run === front), cursor, model.goal);
    show(readout, found.length > 0);
    if (!model || !found.length) return;
    write(readout, found.map(({ y }) => measure(unrounded(y))).join(" · "));
    readout.style.color = model.style(found[0].line).color;
  };

  /** @param {CanvasRenderingContext2D} context @param {Place} place */
  const paint = (context, place) => {
    if (!model) return;
    const { lines, style, bands } = model;
    within(context, place, () => {
      for (const line of lines) paintBelow(context, place, line, style(line), { band: bands });
      for (const line of lines) paintLine(context, place, line, style(line), WIDTH);
    });
  };

  /** @param {CanvasRenderingContext2D} context @param {Place} place */
  const paintFront = (context, place) => {
    if (!model || front === null) return;
    const { lines, style, bands, ink } = model;
    within(context, place, () => {
      for (const line of lines) {
        if (line.run !== front) continue;
        paintBelow(context, place, line, style(line), { band: !bands });
        paintLine(context, place, { ...line, crosses: [] }, { color: ink.paper, dash: [] }, WIDTH + 3);
        paintLine(context, place, line, style(line), WIDTH + 1);
      }
    });
  };

  const resized = new ResizeObserver(([{ contentRect }]) => {
    size = { width: contentRect.width, height: contentRect.height };
    plot?.setSize(size.width, size.height);
  });
  resized.observe(host);

  const keys = chartKeys({
    model: () => model,
    cursor: () => cursor,
    front: () => front,
    move(x) {
      driven = true;
      plot?.setCursor(x);
      driven = false;
      if (model) actions.say(spoken(model, readings(model.lines, x, model.goal), x));
    },
    leave: () => plot?.clearCursor(),
    onfocus: actions.onfocus,
    onzoom: actions.onzoom,
  });
  host.addEventListener("keydown", keys);
  const left = () => plot?.clearCursor();
  host.addEventListener("blur", left);

  return {
    /** @param {Model} next */
    draw(next) {
      const wanted = [next.logx, next.logy, next.axis, next.ink.text].join();
      const rebuilt = !plot || wanted !== kind;
      [model, kind] = [next, wanted];
      if (rebuilt) {
        plot?.destroy();
        plot = createPlot(host, plotOptions(next, size, { paint, oncursor: pointed, onzoom: actions.onzoom }));
        if (front !== null) plot.over(paintFront);
      } else plot?.setRanges(next.ranges);
    },
    /** Brings a run to the front, or none. @param {number | null} run */
    focus(run) {
      if (run !== front) {
        front = run;
        plot?.over(run === null ? null : paintFront);
      }
      readOut();
    },
    /** The canvas as it is drawn, for a picture. */
    canvas: () => plot?.canvas ?? null,
    model: () => model,
    destroy() {
      resized.disconnect();
      host.removeEventListener("keydown", keys);
      host.removeEventListener("blur", left);
      plot?.destroy();
      plot = model = null;
      host.replaceChildren();
    },
  };
}

/** @typedef {ReturnType<typeof createChart>} Chart */

/**
 * @param {Model} model
 * @param {Size} size
 * @param {any} handlers
 * @returns {import("./plot.js").PlotOptions}
 */
function plotOptions({ logx, logy, axis, ranges, ink }, size, handlers) {
  const kind = axis === "time" ? "time" : axis === "step" ? "whole" : "number";
  return {
    ...size,
    x: { log: logx, ticks: (low, high, most) => ticks(low, high, most, { log: logx, kind }) },
    y: { log: logy, ticks: (low, high, most) => ticks(low, high, most, { log: logy }) },
    ranges,
    ink,
    sync: `curves-${axis}`,
    onreset: () => handlers.onzoom({ x: null, y: null }),
    ...handlers,
  };
}

/**
 * The reading whose line is nearest to *y* on the canvas; null when none is near.
 * @param {Reading[]} found
 * @param {Place} place
 * @param {number} y
 */
function nearestReading(found, place, y) {
  let [least, near] = [NEAR * place.ratio, /** @type {Reading | null} */ (null)];
  const mouse = place.y(y);
  for (const reading of found) {
    const away = Math.abs(place.y(reading.y) - mouse);
    if (away < least) [least, near] = [away, reading];
  }
  return near;
}

const SPOKEN = 3; // runs whose values are told at each step

/** @param {Model} model @param {Reading[]} found @param {number} x */
function spoken({ place, name }, found, x) {
  if (!found.length) return `${place(x)}: nothing here`;
  const values = found.slice(0, SPOKEN).map(({ line, y }) => `${name(line)} ${measure(unrounded(y))}`);
  const others = found.length - values.length;
  return `${place(found[0].x)}: ${values.join(", ")}${others ? `, and ${others} more` : ""}`;
}

/**
 * What the keys do in a chart that has the focus: arrows move by a bucket or from run to run, Home and End to the ends,
 * plus and minus zoom around the cursor, 0 shows all, Escape leaves.
 * @param {{model: () => Model | null, cursor: () => number | null, front: () => number | null, move: (x: number) => void, leave: () => void} & Pick<Actions, "onfocus" | "onzoom">} chart
 * @returns {(event: KeyboardEvent) => void}
 */
function chartKeys({ model, cursor, front, move, leave, onfocus, onzoom }) {
  return (event) => {
    const shown = model();
    if (!shown || !shown.lines.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const x = (shown.lines.find(({ run }) => run === front()) ?? shown.lines[0]).x;
    const [low, high] = shown.ranges.x;
    const [first, last] = [Math.max(nearest(x, low), 0), nearest(x, high)];
    const at = cursor();
    const here = at === null ? first - 1 : nearest(x, at);
    const stride = event.shiftKey ? 10 : 1;
    const to = (/** @type {number} */ place) => move(x[Math.min(Math.max(place, first), last)]);
    const zoom = (/** @type {number} */ factor) => {
      const middle = at ?? (low + high) / 2;
      onzoom({ x: factor < 1 ? [middle - (middle - low) * factor, middle + (high - middle) * factor] : null });
    };
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowRight: () => to(here + stride),
      ArrowLeft: () => to(here - stride),
      Home: () => to(first),
      End: () => to(last),
      ArrowUp: () => nextRun(-1),
      ArrowDown: () => nextRun(1),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => zoom(2),
      0: () => onzoom({ x: null, y: null }),
      Escape: leave,
    };
    const nextRun = (/** @type {number} */ by) => {
      const found = readings(shown.lines, at ?? x[first], shown.goal);
      if (!found.length) return;
      const now = found.findIndex(({ line }) => line.run === front());
      onfocus(found[(now + by + found.length + (now < 0 && by < 0 ? 1 : 0)) % found.length].line.run);
      move(at ?? x[first]);
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}
