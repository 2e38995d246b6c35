// The values under the cursor of a chart, the best first, beside it.

import { alignedMeasures, unrounded } from "./aligned.js";
import { h, show, write } from "./dom.js";
import { measure } from "./format.js";
import { lineSwatch } from "./swatch.js";

/** @typedef {import("./lines.js").Reading} Reading */
/** @typedef {import("./lines.js").Line} Line */

const AWAY = 14; // CSS pixels from the cursor
const ROWS = 10; // what fits beside a chart; the focused run is among them

/**
 * @typedef {object} Tip
 * @property {HTMLElement} element
 * @property {(what: Shown) => void} show
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
 * @property {number} left CSS pixels of the cursor in the chart
 * @property {DOMRect} chart where the chart is in the window
 */

/** @returns {Tip} */
export function createTip() {
  const title = h("p", { class: "tip-title" });
  const more = h("p", { class: "tip-more" });
  const body = h("tbody", null);
  const element = h("div", { class: "tip", "aria-hidden": "true", hidden: true }, title, h("table", null, body), more);
  /** @type {TipRow[]} */
  const rows = [];

  return {
    element,
    show({ title: text, readings, focus, smooth, style, name, left, chart }) {
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
      show(element, true);
      const width = element.offsetWidth;
      const right = chart.left + left + AWAY + width < document.documentElement.clientWidth;
      const place = right ? left + AWAY : Math.max(left - AWAY - width, 4 - chart.left);
      element.style.transform = `translateX(${Math.round(place)}px)`;
    },
    hide: () => show(element, false),
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

/** @typedef {ReturnType<typeof tipRow>} TipRow */

function tipRow() {
  const mark = h("td", { class: "tip-mark" });
  const who = h("td", { class: "tip-name" });
  const value = h("td", { class: "tip-value" });
  const raw = h("td", { class: "tip-raw" });
  const element = h("tr", null, mark, value, raw, who);
  /** @type {Line | null} */
  let shown = null;
  let drawn = "";
  return {
    element,
    /** @param {Reading} reading @param {string} number @param {Shown["style"]} style @param {Shown["name"]} name @param {{focused: boolean, smooth: boolean}} how */
    set({ line, mean, min, max }, number, style, name, { focused, smooth }) {
      const look = style(line);
      const key = look.color + look.dash;
      if (drawn !== key) mark.replaceChildren(lineSwatch(look));
      if (shown !== line) write(who, name(line));
      [shown, drawn] = [line, key];
      write(value, number);
      const band = focused && min !== null && max !== null && min < max ? `${measure(min)}–${measure(max)}` : "";
      write(raw, [smooth ? `(${measure(unrounded(mean))})` : "", band].filter(Boolean).join(" "));
      if (element.classList.contains("focused") !== focused) element.classList.toggle("focused", focused);
    },
  };
}
