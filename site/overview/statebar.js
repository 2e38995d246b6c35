// How many runs are in which state, as lengths side by side: told apart by texture, not by colour alone.

import { plural, printable } from "../base/format.js";
import { URGENCY } from "../page/states.js";

/** @typedef {{state: string, classes: string, length: string}} StatePart */

/**
 * A part for each state, the most urgent first.
 * @param {[string, number][]} counts as `stateCounts` has them
 * @param {(count: number) => string} length of a part, as CSS has it
 * @returns {StatePart[]}
 */
export function stateParts(counts, length) {
  return counts.map(([state, count]) => {
    const classes = `state-part ${URGENCY.includes(state) ? state : "other"}`;
    return { state, classes, length: length(count) };
  });
}

/**
 * `12 runs: 2 failed, 10 completed`.
 * @param {number} total
 * @param {[string, number][]} counts
 */
export function spokenCounts(total, counts) {
  const listed = counts.map(([state, count]) => `${count.toLocaleString("en")} ${printable(state || "without a state")}`);
  return total === 0 ? "no runs" : `${plural(total, "run")}: ${listed.join(", ")}`;
}
