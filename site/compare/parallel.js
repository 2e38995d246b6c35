// Parallel coordinates: an axis for each chosen property, a line for each run, and ranges to mark on the axes.

import { axisIn, axisText, brushSelection, brushed } from "./brushes.js";
import { SLOTS } from "../base/colors.js";
import { fill, h, show, write } from "../base/dom.js";
import { fewValues, fieldOf, fieldRange, spreadWide, tellingFields } from "./fields.js";
import { fieldSelect } from "./fieldselect.js";
import { measure, plural, printable } from "../base/format.js";
import { pageInk } from "../base/ink.js";
import { pixels } from "../charts/paint.js";
import { axisHandle } from "./axishandle.js";
import { colourKey } from "./shadekey.js";
import { colouring } from "./shades.js";
import { ticks } from "../charts/ticks.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("../page/page.js").Page} Page */
/** @typedef {[number, number]} Range */

/**
 * An axis in its place. *at* is from values to CSS pixels from the top, *from* the way back.
 * @typedef {object} Upright
 * @property {Field} field
 * @property {Range | null} range marked on it
 * @property {Range} whole
 * @property {boolean} log
 * @property {number} left CSS pixels
 * @property {number} room CSS pixels to the next
 * @property {(place: number) => number} at
 * @property {(pixel: number) => number} from
 */

const USUAL = 5; // hparams at first, beside the primary metric
const APART = 92; // CSS pixels between axes at least: names and numbers stand beside them
const EDGE = { top: 34, bottom: 46, side: 56 }; // CSS pixels around the axes
const NONE_BELOW = 16; // CSS pixels from the foot of an axis to where runs without a value pass
const AXIS_FONT = "11px system-ui, sans-serif";

/** @param {Page} page */
export function createParallel(page) {
  const set = (/** @type {string[]} */ parallel) => page.store.set({ parallel });
  const current = () => axes.map(({ field, range }) => axisText(field.id, range));
  const add = fieldSelect(page, { label: "add an axis", none: "add an axis …", onchange: (id) => {
    add.set("");
    if (id && !axes.some(({ field }) => field.id === id)) set([id, ...current()]);
  } }); // prettier-ignore
  const select = h("button", { type: "button", onclick: () => choose() }, "select these");
  const filter = h("button", { type: "button", onclick: () => narrow() }, "filter the table");
  const clear = h("button", { type: "button", onclick: () => set(axes.map(({ field }) => field.id)) }, "clear");
  const said = h("span", { role: "status" });
  const canvas = h("canvas", { "aria-hidden": "true" });
  const handles = h("div", { class: "parallel-axes" });
  const inner = h("div", { class: "parallel-inner" }, canvas, handles);
  const host = h("div", { class: "parallel-plot" }, inner);
  const key = h("div", { class: "shade-key" });
  const element = h("section", { class: "parallel", "aria-label": "parallel coordinates" },
    h("div", { class: "curve-toolbar" }, add.element, said, select, filter, clear),
    host, key,
  ); // prettier-ignore

  /** @type {Upright[]} */
  let uprights = [];
  /** @type {{field: Field, range: Range | null}[]} */
  let axes = [];
  /** @type {number[]} */
  let runs = [];
  let waiting = false;

  const marked = () => brushed(axes, runs);
  const choose = () => {
    const chosen = marked();
    page.store.set({ selected: chosen.map((run) => page.report.runs[run].run_id) });
    page.say(`${plural(chosen.length, "run")} selected`);
  };
  const narrow = () => {
    const { filter: before } = page.store.get();
    const selection = brushSelection(axes, runs);
    if (selection) page.store.set({ filter: before.trim() ? `(${before.trim()}) and ${selection}` : selection });
  };

  /** Once a frame, however often a mark moves. */
  const repaint = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      paint();
      tell();
    });
  };
  const colours = () => {
    const { metric, dark } = page.store.get();
    const field = metric ? fieldOf(page, `best:${metric}`) : null;
    const none = pageInk().frame;
    if (!field) return { field, color: () => none, key: [], range: null };
    return { field, ...colouring(field, runs, dark, none) };
  };
  const paint = () => paintParallel(page, canvas, inner.clientWidth, host.clientHeight, uprights, { runs, inside: new Set(marked()), color: colours().color });
  const tell = () => {
    const any = axes.some(({ range }) => range);
    const count = marked().length;
    write(said, any ? `${count} of ${plural(runs.length, "run")} in the marked ranges` : "Drag along an axis to mark a range.");
    for (const button of [select, filter, clear]) show(button, any);
    select.disabled = count === 0;
    filter.disabled = brushSelection(axes, runs) === null;
    filter.title = filter.disabled ? "The best value of a metric cannot be filtered by" : "";
  };

  const arrange = () => {
    const room = Math.max(host.clientWidth, (axes.length - 1) * APART + 2 * EDGE.side);
    inner.style.width = `${room}px`;
    uprights = placed(axes, runs, room, host.clientHeight);
    fill(handles, ...uprights.map((upright, place) => axisHandle(upright, {
      onmark: (range) => { axes[place].range = upright.range = range; repaint(); },
      onmarked: (range) => { axes[place].range = range; set(current()); },
      onremove: uprights.length > 2 ? () => set(current().filter((_, at) => at !== place)) : null,
      onmove: place > 0 ? () => set(moved(current(), place)) : null,
      say: page.say,
    }))); // prettier-ignore
    paint();
    tell();
    const { field, ...rest } = colours();
    fill(key, colourKey(field, rest, page.store.get().dark));
  };
  new ResizeObserver(() => axes.length > 1 && inner.clientWidth !== host.clientWidth && arrange()).observe(host);

  return {
    element,
    /** @param {import("../page/state.js").State} state */
    update(state) {
      runs = page.filtered().runs;
      axes = axesOf(page, state.parallel, runs);
      show(element, axes.length > 1);
      const focused = [...handles.querySelectorAll("[tabindex]")].indexOf(/** @type {any} */ (document.activeElement));
      if (axes.length > 1) arrange();
      if (focused >= 0) handles.querySelectorAll("[tabindex]")[focused]?.focus();
    },
  };
}

/** The axes that the state names, or the usual ones; without those that none of *runs* has. @param {Page} page @param {string[]} named @param {number[]} runs */
function axesOf(page, named, runs) {
  const { metric } = page.store.get();
  const usual = [...tellingFields(page).slice(0, USUAL), ...(metric ? [`best:${metric}`] : [])];
  /** @type {{field: Field, range: Range | null}[]} */
  const axes = [];
  for (const { id, range } of (named.length ? named : usual).map(axisIn)) {
    const field = fieldOf(page, id);
    if (field && fieldRange(field, runs)) axes.push({ field, range });
  }
  return axes;
}

/** @param {string[]} axes @param {number} place */
function moved(axes, place) {
  const next = [...axes];
  [next[place - 1], next[place]] = [next[place], next[place - 1]];
  return next;
}

/**
 * @param {{field: Field, range: Range | null}[]} axes
 * @param {number[]} runs
 * @param {number} width CSS pixels
 * @param {number} height
 * @returns {Upright[]}
 */
function placed(axes, runs, width, height) {
  const apart = (width - 2 * EDGE.side) / Math.max(axes.length - 1, 1);
  const [top, foot] = [EDGE.top, height - EDGE.bottom];
  return axes.map(({ field, range }, place) => {
    const found = fieldRange(field, runs) ?? [0, 1];
    const log = spreadWide(field, runs);
    const whole = /** @type {Range} */ (found[0] < found[1] ? found : [found[0] - 0.5, found[1] + 0.5]);
    const at = pixels(whole[0], whole[1], foot, top, log);
    const share = (/** @type {number} */ pixel) => Math.min(Math.max((foot - pixel) / (foot - top), 0), 1);
    const from = (/** @type {number} */ pixel) =>
      log ? whole[0] * (whole[1] / whole[0]) ** share(pixel) : whole[0] + (whole[1] - whole[0]) * share(pixel);
    return { field, range, whole, log, left: EDGE.side + place * apart, room: apart, at, from };
  });
}

/**
 * @param {Page} page
 * @param {HTMLCanvasElement} canvas
 * @param {number} width CSS pixels
 * @param {number} height
 * @param {Upright[]} uprights
 * @param {{runs: number[], inside: Set<number>, color: (run: number) => string}} what
 */
function paintParallel(page, canvas, width, height, uprights, { runs, inside, color }) {
  const ratio = devicePixelRatio;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  canvas.style.width = `${width}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  const ink = pageInk();
  const foot = height - EDGE.bottom;
  const line = (/** @type {number} */ run) => {
    context.beginPath();
    for (const { field, left, at } of uprights) {
      const place = field.place(run);
      context.lineTo(left, place === null ? foot + NONE_BELOW : at(place) + (field.words ? beside(run) : 0));
    }
    context.stroke();
  };
  const narrowed = inside.size < runs.length;
  context.lineJoin = "round";
  context.strokeStyle = ink.grid;
  for (const run of runs) if (!inside.has(run)) line(run);
  const distinct = (/** @type {number} */ run) => {
    const slot = page.slot(run);
    return slot && slot.number < SLOTS ? slot : null;
  };
  context.globalAlpha = inside.size > 300 ? 0.3 : 0.55;
  for (const run of runs) {
    if (!inside.has(run) || distinct(run)) continue;
    context.strokeStyle = page.slot(run)?.color ?? color(run);
    line(run);
  }
  context.globalAlpha = 1;
  for (const run of runs) {
    const slot = distinct(run);
    if (!slot || (narrowed && !inside.has(run))) continue;
    [context.strokeStyle, context.lineWidth] = [ink.paper, 4.5];
    line(run);
    [context.strokeStyle, context.lineWidth] = [slot.color, 2.25];
    context.setLineDash(slot.dash);
    line(run);
    context.setLineDash([]);
  }
  context.lineWidth = 1;
  for (const upright of uprights) paintUpright(context, upright, runs, foot, ink);
}

/** A few pixels up or down, so that runs of one word are a strand and not one line. @param {number} run */
function beside(run) {
  return (((run + 1) * 0.618034) % 1) * 10 - 5;
}

/** @param {CanvasRenderingContext2D} context @param {Upright} upright @param {number[]} runs @param {number} foot @param {import("../base/ink.js").PageInk} ink */
function paintUpright(context, { field, left, at, whole, log }, runs, foot, ink) {
  context.strokeStyle = ink.frame;
  context.beginPath();
  context.moveTo(left, EDGE.top - 6);
  context.lineTo(left, foot + 6);
  context.stroke();
  const few = fewValues(field, runs);
  const { at: places, texts } = field.words ? wordTicks(field.words, foot) : few ? { at: few, texts: few.map(measure) } : ticks(whole[0], whole[1], 6, { log });
  let above = Infinity;
  context.font = AXIS_FONT;
  context.textAlign = "right";
  context.textBaseline = "middle";
  [context.strokeStyle, context.lineWidth, context.fillStyle] = [ink.paper, 5, ink.text];
  const write = (/** @type {string} */ text, /** @type {number} */ top) => {
    context.strokeText(text, left - 6, top);
    context.fillText(text, left - 6, top);
  };
  places.forEach((place, tick) => {
    if (above - at(place) < 12) return; // 0 and 0.0001 of values up to 0.05
    above = at(place);
    write(texts[tick], above);
  });
  if (runs.some((run) => field.place(run) === null)) write("none", foot + NONE_BELOW);
  context.lineWidth = 1;
}

/** @param {string[]} words @param {number} foot */
function wordTicks(words, foot) {
  const stride = Math.ceil(words.length / ((foot - EDGE.top) / 14));
  const at = [...words.keys()].filter((place) => place % stride === 0);
  return { at, texts: at.map((place) => shortWord(printable(words[place]))) };
}

/** @param {string} word */
function shortWord(word) {
  return word.length > 13 ? `${word.slice(0, 12)}…` : word;
}
