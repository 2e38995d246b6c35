// States of runs: a glyph and a word each, the most urgent first. The same glyphs as in the terminal.

import { h } from "../base/dom.js";
import { printable } from "../base/format.js";

const GLYPHS = /** @type {Record<string, string>} */ ({ failed: "✗", stale: "◌", running: "●", completed: "✓" });
export const URGENCY = ["failed", "stale", "running", "completed"];

/** @param {string} state */
export function glyphOf(state) {
  return Object.hasOwn(GLYPHS, state) ? GLYPHS[state] : "·";
}

/**
 * A state as an element.
 * @param {string} state
 * @param {string | number} [before] what stands between glyph and word
 * @param {{short?: boolean}} [how] short: without the word, but for those who listen or point
 */
export function stateMark(state, before = "", { short = false } = {}) {
  const known = URGENCY.includes(state) ? ` ${state}` : "";
  const words = printable([before, state || "no state"].filter((word) => word !== "").join(" "));
  const glyph = h("span", { "aria-hidden": "true" }, glyphOf(state));
  return h(
    "span",
    { class: `state${known}`, title: short ? words : null },
    glyph,
    short && before !== "" && h("span", { "aria-hidden": "true" }, ` ${before}`),
    short ? h("span", { class: "voice" }, words) : ` ${words}`,
  );
}

/**
 * [state, how many runs], the most urgent first, others by name.
 * @param {{state: string}[]} runs
 * @returns {[string, number][]}
 */
export function stateCounts(runs) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { state } of runs) counts.set(state, (counts.get(state) ?? 0) + 1);
  const others = [...counts.keys()].filter((state) => !URGENCY.includes(state)).sort();
  return [...URGENCY.filter((state) => counts.has(state)), ...others].map((state) => [state, counts.get(state) ?? 0]);
}
