// Any property of runs against any other, coloured by a third: which hparams make a run good.

import { fill, h, show, write } from "../base/dom.js";
import { fewValues, fieldOf, fieldRange, rankCorrelation, spreadWide, tellingFields } from "./fields.js";
import { fieldSelect } from "./fieldselect.js";
import { measure, plural, printable, scalar } from "../base/format.js";
import { pageInk } from "../base/ink.js";
import { roomy } from "../charts/lines.js";
import { pixels, within } from "../charts/paint.js";
import { createPlot } from "../charts/plot.js";
import { colouring } from "./shades.js";
import { colourKey } from "./shadekey.js";
import { ticks } from "../charts/ticks.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("../page/page.js").Page} Page */
/** @typedef {import("../charts/plot.js").Place} Place */
/** @typedef {[number, number]} Range */
/** @typedef {{run: number, x: number, y: number}} Point */

/**
 * What the state says, completed: fields and their logarithms.
 * @typedef {{x: Field, y: Field, colour: Field | null, logx: boolean, logy: boolean, zoom: {x: Range | null, y: Range | null}}} Choice
 */

const REACH = 18; // CSS pixels from which on a point is pointed at
const RADIUS = 4;
const CROWD = 800; // points from which on they cover each other: paler ones show how many

/** @param {Page} page */
export function createScatter(page) {
  const choose = (/** @type {number} */ place, /** @type {string} */ value) => {
    const next = [...chosen(page.store.get().scatter), "", "", "", "", "", ""].slice(0, 6);
    next[place] = value;
    if (place < 2) [next[3], next[4], next[5]] = ["", "", ""]; // another axis: its own logarithm, all of it
    page.store.set({ scatter: next });
  };
  const chosen = (/** @type {string[]} */ scatter) => (scatter[0] || scatter[1] ? scatter : [...usualScatter(page), ...scatter.slice(2)]);
  const x = fieldSelect(page, { label: "to the right", onchange: (id) => choose(0, id) });
  const y = fieldSelect(page, { label: "upwards", onchange: (id) => choose(1, id) });
  const colour = fieldSelect(page, { label: "colour", none: "selected runs", onchange: (id) => choose(2, id) });
  const log = (/** @type {"x" | "y"} */ axis) => {
    const box = h("input", { type: "checkbox", onchange: () => choose(3, [logx.box.checked && "x", logy.box.checked && "y"].filter(Boolean).join("") || "none") });
    return { box, label: h("label", null, box, ` log ${axis}`) };
  };
  const [logx, logy] = [log("x"), log("y")];
  const whole = h("button", { type: "button", hidden: true, onclick: () => page.store.set({ scatter: page.store.get().scatter.slice(0, 4) }) }, "whole range");
  const note = h("p", { class: "curve-note" });
  const key = h("div", { class: "shade-key" });
  const tip = h("div", { class: "tip", "aria-hidden": "true", hidden: true });
  const host = h("div", { class: "scatter-plot", role: "application", "aria-roledescription": "scatter plot", tabindex: 0 });
  const element = h("section", { class: "scatter", "aria-label": "scatter plot" },
    h("div", { class: "curve-toolbar" }, h("label", null, "x ", x.element), logx.label, h("label", null, "y ", y.element), logy.label, h("label", null, "colour ", colour.element), whole),
    note, host, key,
  ); // prettier-ignore

  /** @type {import("../charts/plot.js").Plot | null} */
  let plot = null;
  /** @type {Choice | null} */
  let shown = null;
  /** @type {Point[]} sorted by x, for the arrow keys */
  let points = [];
  /** @type {number | null} place in points */
  let pointed = null;

  const colourOf = () => colouringOf(page, shown, points.map(({ run }) => run));
  const paint = (/** @type {CanvasRenderingContext2D} */ context, /** @type {Place} */ place) => within(context, place, () => paintPoints(page, context, place, points, colourOf().color));
  const paintPointed = (/** @type {CanvasRenderingContext2D} */ context, /** @type {Place} */ place) => {
    const point = pointed === null ? null : points[pointed];
    if (point) ring(context, place, point, RADIUS + 4, pageInk().strong);
  };

  const point = (/** @type {number | null} */ place) => {
    if (place === pointed) return;
    pointed = place;
    plot?.over(place === null ? null : paintPointed);
    host.style.cursor = place === null ? "" : "pointer";
    if (place === null || !plot || !shown) return show(tip, false);
    const { run, x, y } = points[place];
    const at = plot.place();
    fill(tip, h("p", { class: "tip-title" }, page.name(run)), ...described(shown, run).map((text) => h("p", null, text)));
    show(tip, true);
    const [left, room] = [at.x(x) / at.ratio, host.clientWidth];
    tip.style.transform = `translate(${Math.round(left > room / 2 ? left - tip.offsetWidth - 14 : left + 14)}px, ${Math.round(at.y(y) / at.ratio)}px)`;
  };
  const toggle = () => {
    if (pointed === null) return;
    const { run } = points[pointed];
    const id = page.report.runs[run].run_id;
    const { selected } = page.store.get();
    const was = selected.includes(id);
    page.store.set({ selected: was ? selected.filter((one) => one !== id) : [...selected, id] });
    page.say(`${page.name(run)} ${was ? "no longer selected" : "selected"}`);
  };
  host.addEventListener("click", toggle);
  host.addEventListener("blur", () => point(null));
  host.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -points.length, End: points.length }[event.key];
    if (event.key === "Enter" || event.key === " ") toggle();
    else if (event.key === "Escape") point(null);
    else if (by === undefined || !points.length) return;
    else {
      point(Math.min(Math.max((pointed ?? -Math.sign(by)) + by, 0), points.length - 1));
      const { run } = points[/** @type {number} */ (pointed)];
      if (shown) page.say([page.name(run), ...described(shown, run)].join(", "));
    }
    event.preventDefault();
    event.stopPropagation();
  });
  new ResizeObserver(() => plot?.setSize(host.clientWidth, host.clientHeight)).observe(host);

  /** @param {Choice} choice @param {{x: Range, y: Range}} ranges */
  const draw = (choice, ranges) => {
    plot?.destroy();
    plot = createPlot(host, {
      width: host.clientWidth,
      height: host.clientHeight,
      x: { log: choice.logx, ticks: fieldTicks(choice.x, choice.logx, page.filtered().runs) },
      y: { log: choice.logy, ticks: fieldTicks(choice.y, choice.logy, page.filtered().runs) },
      ranges,
      ink: pageInk(),
      paint,
      crosshair: false,
      oncursor: (valueX, valueY, own) => plot && own && point(valueX === null ? null : nearestPoint(points, plot.place(), valueX, valueY)),
      onzoom: (zoom) => {
        const { scatter } = page.store.get();
        const next = [...chosen(scatter), "", "", "", ""].slice(0, 6);
        for (const [at, range] of /** @type {[number, Range | undefined][]} */ ([[4, zoom.x], [5, zoom.y]])) {
          if (range) next[at] = range.map((end) => Number(end.toPrecision(6))).join(":");
        }
        page.store.set({ scatter: next });
      },
      onreset: () => page.store.set({ scatter: page.store.get().scatter.slice(0, 4) }),
    });
    host.append(tip);
  };

  return {
    element,
    /** @param {import("../page/state.js").State} state */
    update(state) {
      const wanted = chosen(state.scatter);
      const runs = page.filtered().runs;
      const choice = choiceOf(page, wanted, runs);
      show(element, choice !== null);
      if (!choice) return;
      const run = pointed === null ? null : points[pointed].run;
      [shown, pointed] = [choice, null];
      points = pointsOf(choice, runs);
      x.set(choice.x.id);
      y.set(choice.y.id);
      colour.set(choice.colour?.id ?? "");
      [logx.box.checked, logy.box.checked] = [choice.logx, choice.logy];
      [logx.box.disabled, logy.box.disabled] = [choice.x, choice.y].map((field) => field.words !== null);
      show(whole, Boolean(choice.zoom.x || choice.zoom.y));
      show(tip, false);
      draw(choice, rangesOf(choice, points));
      write(note, noteOf(choice, points, runs));
      host.setAttribute("aria-label", `${choice.y.title} over ${choice.x.title}, ${points.length} runs. Arrow keys go from run to run, Enter selects.`);
      fill(key, colourKey(choice.colour, colourOf(), state.dark));
      const again = points.findIndex((one) => one.run === run);
      if (again >= 0) point(again);
    },
  };
}

/** What is looked at first: the most telling hparam and the best of the primary metric. @param {Page} page */
function usualScatter(page) {
  const [telling] = tellingFields(page);
  const { metric } = page.store.get();
  const other = page.report.metrics.find((/** @type {any} */ { name }) => name !== metric);
  return [telling ?? (other ? `best:${other.name}` : ""), metric && `best:${metric}`];
}

/** @param {Page} page @param {string[]} scatter @param {number[]} runs @returns {Choice | null} */
function choiceOf(page, [x, y, colour = "", log = "", zoomX = "", zoomY = ""], runs) {
  const [across, upwards] = [fieldOf(page, x), fieldOf(page, y)];
  if (!across || !upwards) return null;
  const possible = (/** @type {Field} */ field) => field.words === null && runs.some((run) => Number(field.place(run)) > 0);
  const logs = (/** @type {"x" | "y"} */ axis, /** @type {Field} */ field) => (log ? log.includes(axis) && possible(field) : spreadWide(field, runs));
  const range = (/** @type {string} */ text, /** @type {boolean} */ isLog) => {
    const [low, high] = text.split(":").map(Number);
    return text && low < high && (!isLog || low > 0) ? /** @type {Range} */ ([low, high]) : null;
  };
  const [logx, logy] = [logs("x", across), logs("y", upwards)];
  return { x: across, y: upwards, colour: fieldOf(page, colour), logx, logy, zoom: { x: range(zoomX, logx), y: range(zoomY, logy) } };
}

/** Where the runs stand that have both values; of equal words a little beside each other. @param {Choice} choice @param {number[]} runs @returns {Point[]} */
function pointsOf({ x, y, logx, logy }, runs) {
  /** @type {Point[]} */
  const found = [];
  for (const run of runs) {
    const [across, upwards] = [x.place(run), y.place(run)];
    if (across === null || upwards === null || (logx && across <= 0) || (logy && upwards <= 0)) continue;
    found.push({ run, x: across + (x.words ? aside(run, 1) : 0), y: upwards + (y.words ? aside(run, 2) : 0) });
  }
  return found.sort((a, b) => a.x - b.x);
}

/** Up to a quarter of a place to either side, the same each time. @param {number} run @param {number} way */
function aside(run, way) {
  return (((run + 1) * 0.618034 * way) % 1) * 0.5 - 0.25;
}

/** @param {Choice} choice @param {Point[]} points @returns {{x: Range, y: Range}} */
function rangesOf({ x, y, logx, logy, zoom }, points) {
  const runs = points.map(({ run }) => run);
  const whole = (/** @type {Field} */ field, /** @type {boolean} */ log) =>
    field.words ? /** @type {Range} */ ([-0.5, field.words.length - 0.5]) : roomy(fieldRange(field, runs), log);
  return { x: zoom.x ?? whole(x, logx), y: zoom.y ?? whole(y, logy) };
}

/** @param {Field} field @param {boolean} log @param {number[]} runs @returns {(low: number, high: number, most: number) => import("../charts/ticks.js").Ticks} */
function fieldTicks(field, log, runs) {
  const { words } = field;
  if (!words) return (low, high, most) => ownTicks(fewValues(field, runs), low, high, most, log) ?? ticks(low, high, most, { log });
  return (low, high, most) => {
    const room = Math.max(Math.floor((9 * most) / (high - low)), 4); // letters: an axis gives each of *most* ticks nine
    const stride = Math.ceil((high - low) / most / 2);
    const at = [...words.keys()].filter((place) => place >= low && place <= high && place % stride === 0);
    return { at, texts: at.map((place) => cut(printable(words[place]), room * stride)) };
  };
}

/**
 * A tick for each of few values, null where they would not fit beside each other.
 * @param {number[] | null} values
 * @param {number} low
 * @param {number} high
 * @param {number} most
 * @param {boolean} log
 */
function ownTicks(values, low, high, most, log) {
  const at = (values ?? []).filter((value) => value >= low && value <= high);
  const place = pixels(low, high, 0, most, log);
  if (!at.length || at.some((value, after) => after > 0 && place(value) - place(at[after - 1]) < 0.8)) return null;
  return { at, texts: at.map(measure) };
}

/** @param {string} text @param {number} most letters */
function cut(text, most) {
  return text.length > most ? `${text.slice(0, Math.max(most - 1, 1))}…` : text;
}

/** @param {Page} page @param {Choice | null} choice @param {number[]} runs */
function colouringOf(page, choice, runs) {
  const none = pageInk().frame;
  if (!choice?.colour) return { color: () => none, key: [], range: null };
  return colouring(choice.colour, runs, page.store.get().dark, none);
}

/**
 * @param {Page} page
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {Point[]} points
 * @param {(run: number) => string} color
 */
function paintPoints(page, context, place, points, color) {
  const coloured = page.store.get().scatter[2];
  const chosen = points.filter(({ run }) => page.slot(run));
  context.globalAlpha = points.length > CROWD ? 0.35 : 0.75;
  for (const point of points) {
    if (!page.slot(point.run)) disc(context, place, point, RADIUS, color(point.run));
  }
  context.globalAlpha = 1;
  const { paper } = pageInk();
  for (const point of chosen) {
    const slot = /** @type {import("../base/colors.js").Slot} */ (page.slot(point.run));
    disc(context, place, point, RADIUS + 3.5, paper);
    disc(context, place, point, RADIUS + 2.5, slot.color);
    if (coloured) disc(context, place, point, RADIUS - 0.5, color(point.run));
  }
}

/** @param {CanvasRenderingContext2D} context @param {Place} place @param {Point} point @param {number} radius @param {string} color */
function disc(context, place, { x, y }, radius, color) {
  context.fillStyle = color;
  context.beginPath();
  context.arc(place.x(x), place.y(y), radius * place.ratio, 0, 2 * Math.PI);
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {Place} place @param {Point} point @param {number} radius @param {string} color */
function ring(context, place, { x, y }, radius, color) {
  context.strokeStyle = color;
  context.lineWidth = 2 * place.ratio;
  context.beginPath();
  context.arc(place.x(x), place.y(y), radius * place.ratio, 0, 2 * Math.PI);
  context.stroke();
}

/** @param {Point[]} points @param {Place} place @param {number} x @param {number} y @returns {number | null} */
function nearestPoint(points, place, x, y) {
  let [least, found] = [(REACH * place.ratio) ** 2, /** @type {number | null} */ (null)];
  const [left, top] = [place.x(x), place.y(y)];
  points.forEach((point, at) => {
    const away = (place.x(point.x) - left) ** 2 + (place.y(point.y) - top) ** 2;
    if (away < least) [least, found] = [away, at];
  });
  return found;
}

/** @param {Choice} choice @param {number} run */
function described({ x, y, colour }, run) {
  return [x, y, ...(colour ? [colour] : [])].map((field) => `${printable(field.title)} ${printable(scalar(field.value(run)))}`);
}

/** @param {Choice} choice @param {Point[]} points @param {number[]} runs */
function noteOf({ x, y }, points, runs) {
  const absent = runs.length - points.length;
  const places = (/** @type {Field} */ field) => points.map(({ run }) => field.place(run));
  const related = x.words || y.words ? null : rankCorrelation(places(x), places(y));
  return [
    plural(points.length, "run"),
    absent > 0 && `${plural(absent, "run")} without a place here`,
    related !== null && `rank correlation ${related.toFixed(2).replace("-", "−")}`,
  ].filter(Boolean).join(" · "); // prettier-ignore
}
