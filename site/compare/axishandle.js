// One axis of parallel coordinates to take hold of: a strip to drag on, its name, and what the keys do.

import { h, show } from "../base/dom.js";
import { measure, printable } from "../base/format.js";

/** @typedef {import("./parallel.js").Upright} Upright */
/** @typedef {[number, number]} Range */

/**
 * @typedef {object} HandleActions
 * @property {(range: Range | null) => void} onmark while it is dragged
 * @property {(range: Range | null) => void} onmarked when that has ended
 * @property {(() => void) | null} onremove
 * @property {(() => void) | null} onmove to the left
 * @property {(text: string) => void} say
 */

const STRIP_TOP = 28; // CSS pixels, as in charts.css
const SHORT = 4; // CSS pixels: less is a click, which takes the mark away

/**
 * @param {Upright} upright
 * @param {HandleActions} actions
 * @returns {HTMLElement}
 */
export function axisHandle(upright, actions) {
  const { field, left, room, whole, log } = upright;
  const title = printable(field.title) + (log ? " (log)" : "");
  const mark = h("div", { class: "axis-mark", hidden: true });
  const strip = h("div", { class: "axis-strip", role: "application", "aria-roledescription": "axis", tabindex: 0 }, mark);
  const button = (/** @type {string} */ text, /** @type {string} */ label, /** @type {(() => void) | null} */ act) => act && h("button", { type: "button", class: "slight", "aria-label": `${label} ${title}`, title: label, onclick: act }, text);
  const name = h("p", { class: "axis-name", title, style: { "max-width": `${room - 8}px` } }, title);
  const tools = h("p", { class: "axis-tools" }, button("‹", "move to the left", actions.onmove), button("×", "remove", actions.onremove));
  const element = h("div", { class: "axis", style: { left: `${left}px` } }, name, strip, tools);

  const showMark = (/** @type {Range | null} */ range) => {
    show(mark, range !== null);
    if (range) {
      const [foot, top] = range.map((end) => upright.at(end) - STRIP_TOP);
      mark.style.top = `${Math.round(top - 3)}px`;
      mark.style.height = `${Math.round(foot - top + 6)}px`;
    }
    const told = range ? `marked from ${ending(upright, range[0])} to ${ending(upright, range[1])}` : "nothing marked";
    strip.setAttribute("aria-label", `${title}, ${ending(upright, whole[0])} to ${ending(upright, whole[1])}, ${told}. Arrow keys mark a range, Delete takes it away.`);
    return told;
  };
  showMark(upright.range);

  strip.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    strip.focus();
    strip.setPointerCapture(event.pointerId);
    const top = strip.getBoundingClientRect().top - STRIP_TOP;
    const start = event.clientY - top;
    /** @type {Range | null} */
    let range = null;
    const move = (/** @type {PointerEvent} */ next) => {
      const now = next.clientY - top;
      range = Math.abs(now - start) < SHORT ? null : /** @type {Range} */ ([upright.from(Math.max(start, now)), upright.from(Math.min(start, now))]);
      showMark(range);
      actions.onmark(range);
    };
    const end = () => {
      strip.removeEventListener("pointermove", move);
      actions.onmarked(range);
    };
    strip.addEventListener("pointermove", move);
    strip.addEventListener("pointerup", end, { once: true });
  });
  strip.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const next = rangeByKey(upright, event);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    actions.say(`${title} ${showMark(next)}`);
    actions.onmarked(next);
  });
  return element;
}

/**
 * The range after a key: arrows move it, with Shift they move its nearer end, Delete and Escape take it away; the first
 * arrow marks the upper or the lower half. undefined: the key means nothing here.
 * @param {Pick<Upright, "range" | "whole" | "at" | "from">} upright
 * @param {{key: string, shiftKey: boolean}} event
 * @returns {Range | null | undefined}
 */
export function rangeByKey({ range, whole, at, from }, { key, shiftKey }) {
  if (key === "Delete" || key === "Backspace" || key === "Escape") return range ? null : undefined;
  if (key !== "ArrowUp" && key !== "ArrowDown") return undefined;
  const up = key === "ArrowUp";
  const [foot, top] = whole.map(at);
  const middle = from((foot + top) / 2);
  if (!range) return up ? [middle, whole[1]] : [whole[0], middle];
  const by = ((top - foot) / 20) * (up ? 1 : -1);
  const moved = (/** @type {number} */ end) => from(at(end) + by);
  if (shiftKey) return up ? [range[0], moved(range[1])] : [moved(range[0]), range[1]];
  const next = /** @type {Range} */ ([moved(range[0]), moved(range[1])]);
  return at(next[0]) - at(next[1]) < at(range[0]) - at(range[1]) - 1 ? range : next; // it has reached the end
}

/** @param {Upright} upright @param {number} place */
function ending({ field }, place) {
  if (!field.words) return measure(place);
  return printable(field.words[Math.min(Math.max(Math.round(place), 0), field.words.length - 1)]);
}
