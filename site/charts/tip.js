// The values under the cursor of a chart, the best first, tipPlace it.

import { alignedMeasures, unrounded } from "../base/aligned.js";
import { h, show, write } from "../base/dom.js";
import { measure } from "../base/format.js";
import { lineSwatch, styleSwatch } from "../base/swatch.js";

/** @typedef {import("./lines.js").Reading} Reading */
/** @typedef {import("./lines.js").Line} Line */

const BETWEEN = 40; // ms: laying the values out takes longer than all else that a move of the mouse does
const AWAY = 14; // CSS pixels from the cursor
const ROWS = 10; // what fits tipPlace a chart; the focused run is among them

/**
 * @typedef {object} Tip
 * @property {HTMLElement} element
 * @property {(what: Shown) => void} show what is read; at most every BETWEEN ms
 * @property {(left: number, chart: number) => void} place beside the cursor; see tipPlace
 * @property {() => void} hide
 */

/**
 * @typedef {object} Shown
 * @property {string} title
 * @property {Reading[]} readings
 * @property {Line | null} focus
 * @property {boolean} smooth both values, as drawn and as logged
 * @property {(line: Line) => {color: string, dash: number[]}} style
 * @property {(line: Line) => string} name
 */

/** @returns {Tip} */
export function createTip() {
  const title = h("p", { class: "tip-title" });
  const more = h("p", { class: "tip-more" });
  const body = h("tbody", null);
  const element = h("div", { class: "tip", "aria-hidden": "true", hidden: true }, title, h("table", null, body), more);
  /** @type {TipRow[]} */
  const rows = [];

  /** @type {Shown | null} */
  let waiting = null;
  let timer = 0;
  let hidden = true;

  const fillIn = (/** @type {Shown} */ { title: text, readings, focus, smooth, style, name }) => {
    const chosen = shownReadings(readings, focus);
    const numbers = alignedMeasures(chosen.map(({ y }) => unrounded(y)));
    write(title, text);
    while (rows.length < chosen.length) body.append((rows[rows.length] = tipRow()).element);
    rows.forEach((row, place) => {
      show(row.element, place < chosen.length);
      if (place < chosen.length) row.set(chosen[place], numbers[place], style, name, { focused: chosen[place].line === focus, smooth });
    });
    const others = readings.length - chosen.length;
    write(more, readings.length === 0 ? "nothing here" : `and ${others} more`);
    show(more, others > 0 || readings.length === 0);
  };
  const next = () => {
    timer = 0;
    if (!waiting) return;
    fillIn(waiting);
    waiting = null;
    timer = setTimeout(next, BETWEEN);
  };

  return {
    element,
    show(what) {
      waiting = what;
      if (timer && !hidden) return;
      clearTimeout(timer);
      hidden = false;
      next();
      show(element, true);
    },
    place(left, chart) {
      element.style.transform = tipPlace(chart + left, chart, innerWidth);
    },
    hide() {
      waiting = null;
      hidden = true;
      show(element, false);
    },
  };
}

/**
 * The first of *readings*, and the focused one in the last row when it is not among them.
 * @param {Reading[]} readings
 * @param {Line | null} focus
 */
export function shownReadings(readings, focus) {
  const chosen = readings.slice(0, ROWS);
  const focused = readings.find(({ line }) => line === focus);
  if (focused && !chosen.includes(focused)) chosen[ROWS - 1] = focused;
  return chosen;
}

const WIDE = 300; // CSS pixels that the values of most runs need

/**
 * Where the tip stands: tipPlace the cursor where there is room, else at the far edge of the window. It is not measured:
 * that would make the browser lay out the page at each move of the mouse.
 * @param {number} cursor CSS pixels from the left of the window, as all here
 * @param {number} chart
 * @param {number} width of the window
 */
export function tipPlace(cursor, chart, width) {
  const at = (/** @type {number} */ left) => `translateX(${Math.round(left - chart)}px)`;
  const before = (/** @type {number} */ right) => `translateX(calc(${Math.round(right - chart)}px - 100%))`;
  if (cursor + AWAY + WIDE < width) return at(cursor + AWAY);
  if (cursor - AWAY - WIDE > 0) return before(cursor - AWAY);
  return cursor > width / 2 ? at(4) : before(width - 4);
}

/** @typedef {ReturnType<typeof tipRow>} TipRow */

function tipRow() {
  const mark = lineSwatch({ color: "", dash: [] });
  const who = h("td", { class: "tip-name" });
  const value = h("td", { class: "tip-value" });
  const raw = h("td", { class: "tip-raw" });
  const element = h("tr", null, h("td", { class: "tip-mark" }, mark), value, raw, who);
  /** @type {Line | null} */
  let shown = null;
  return {
    element,
    /** @param {Reading} reading @param {string} number @param {Shown["style"]} style @param {Shown["name"]} name @param {{focused: boolean, smooth: boolean}} how */
    set({ line, mean, min, max }, number, style, name, { focused, smooth }) {
      if (shown !== line) {
        styleSwatch(mark, style(line));
        write(who, name(line));
      }
      shown = line;
      write(value, number);
      const band = focused && min !== null && max !== null && min < max ? `${measure(min)}–${measure(max)}` : "";
      write(raw, [smooth ? `(${measure(unrounded(mean))})` : "", band].filter(Boolean).join(" "));
      if (element.classList.contains("focused") !== focused) element.classList.toggle("focused", focused);
    },
  };
}
