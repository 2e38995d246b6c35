// Which runs the filter box chooses: an expression of -w, words to search for, or both with `and` between them.

import { partsOf } from "./conditions.js";
import { mentions, wordsOf } from "./search.js";
import { Mistake, tokens } from "./tokens.js";
import { where } from "./where.js";

/**
 * What a text chooses. After a mistake it is what the last good one chose.
 * @typedef {object} Found
 * @property {number[]} runs their indices in the report, in its order
 * @property {Mistake | null} mistake
 * @property {string[]} words that were searched for
 * @property {string[]} candidates names that such a word could have been meant as
 */

/** @typedef {{holds: (run: any) => boolean, words: string[], candidates: string[]}} Reading */

/**
 * A function (text, archived) -> Found over *report*; *archived* says whether archived runs are chosen, too. They are
 * also when the text names `archived`, as on the command line.
 * @param {any} report
 * @param {{order: () => number[], names: () => import("./names.js").Names}} known
 * @param {() => {now: number, asOf: number}} clock
 * @returns {(text: string, archived: boolean) => Found}
 */
export function createFilter(report, { order, names }, clock) {
  /** @type {Reading} */
  let last = { holds: () => true, words: [], candidates: [] };
  return (text, archived) => {
    let mistake = null;
    try {
      last = readFilter(text, names(), clock());
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      mistake = error;
    }
    const every = archived || namesArchived(text);
    const { holds, words, candidates } = last;
    const runs = order().filter((place) => {
      const run = report.runs[place];
      return (every || !run.archived) && holds(run);
    });
    return { runs, mistake, words: mistake ? [] : words, candidates: mistake ? [] : candidates };
  };
}

/**
 * What *text* means: an expression where it is one, else its parts are, and those that hold only words are searched
 * for. Throws a Mistake.
 * @param {string} text
 * @param {import("./names.js").Names} names
 * @param {{now: number, asOf: number}} clock
 * @returns {Reading}
 */
export function readFilter(text, names, clock) {
  if (text.trim() === "") return { holds: () => true, words: [], candidates: [] };
  try {
    return { holds: where(text, names, clock), words: [], candidates: [] };
  } catch (error) {
    const parts = partsOf(text);
    if (!(error instanceof Mistake) || !parts.some((part) => wordsOf(part.text))) throw error;
    const readings = parts.map((part) => readPart(part, names, clock));
    if (readings.every(({ words }) => words.length === 0)) throw error;
    return {
      holds: (run) => readings.every(({ holds }) => holds(run)),
      words: readings.flatMap(({ words }) => words),
      candidates: readings.flatMap(({ candidates }) => candidates),
    };
  }
}

/**
 * @param {import("./conditions.js").Part} part
 * @param {import("./names.js").Names} names
 * @param {{now: number, asOf: number}} clock
 * @returns {Reading}
 */
function readPart({ text, start }, names, clock) {
  try {
    return { holds: where(text, names, clock), words: [], candidates: [] };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const words = wordsOf(text);
    if (words) return { holds: (run) => mentions(run, words), words, candidates: error.candidates };
    error.start += start;
    error.end += start;
    throw error;
  }
}

/** Whether *text* says itself which archived runs it wants. @param {string} text */
function namesArchived(text) {
  try {
    return tokens(text.replace(/\s/g, " ")).some(({ type, text: word }) => type === "name" && word === "archived");
  } catch {
    return false;
  }
}
