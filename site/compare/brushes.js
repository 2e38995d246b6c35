// Marked ranges on the axes of parallel coordinates, and the runs that lie in all of them.

import { inside, selectionOf } from "./fields.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {[number, number]} Range */

/**
 * An axis as the state holds it: `hparam:width`, or `64:256:hparam:width` with a range marked on it.
 * @param {string} text
 * @returns {{id: string, range: Range | null}}
 */
export function axisIn(text) {
  const marked = /^([^:]+):([^:]+):((?:hparam|last|best):.*)$/s.exec(text);
  if (!marked) return { id: text, range: null };
  const [low, high] = [Number(marked[1]), Number(marked[2])];
  return { id: marked[3], range: low <= high ? [low, high] : null };
}

/** @param {string} id @param {Range | null} range */
export function axisText(id, range) {
  return range ? `${range.map((end) => Number(end.toPrecision(6))).join(":")}:${id}` : id;
}

/**
 * The runs whose values lie in all marked ranges; all of them when none is marked.
 * @param {{field: Field, range: Range | null}[]} axes
 * @param {number[]} runs
 */
export function brushed(axes, runs) {
  const marked = axes.filter(({ range }) => range);
  return runs.filter((run) => marked.every(({ field, range }) => range && inside(field.place(run), range[0], range[1])));
}

/**
 * A selection that chooses the same runs; null where one of the marks cannot be said in one, or nothing is marked.
 * @param {{field: Field, range: Range | null}[]} axes
 * @param {number[]} runs
 */
export function brushSelection(axes, runs) {
  const parts = axes.map(({ field, range }) => (range ? selectionOf(field, range[0], range[1], runs) : ""));
  if (parts.includes(null)) return null;
  return parts.filter(Boolean).join(" and ") || null;
}
