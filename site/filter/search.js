// Searching: the runs that mention some words, in any field. What is no expression of the filter box is searched for.

import { measure } from "../base/format.js";

const WRITTEN = /"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([^\s"'\u201c\u201d\u2018\u2019()<>=!&|,[\]{}]+)/g;
const GLUED = /** @type {Set<string | undefined>} */ (new Set(["and", "or", "not", "in", "is", "None", "nan"]));

/**
 * The words that *part* of a filter searches for, all of them, in small letters; one in quotes can hold spaces. Null
 * when it holds anything of the selection language, and so was meant as an expression.
 * @param {string} part
 * @returns {string[] | null}
 */
export function wordsOf(part) {
  const found = [...part.matchAll(WRITTEN)];
  if (found.length === 0 || part.replace(WRITTEN, "").trim() !== "" || found.some(([, , , word]) => GLUED.has(word)))
    return null;
  const words = found.map(([, double, single, word]) => word ?? (double ?? single).replace(/\\(["'\\])/g, "$1"));
  return words.map(folded).filter((word) => word.trim() !== "");
}

/**
 * Whether *run* mentions every one of *words*: in its name, id, folder, state, tags, notes, and in names and values of
 * hparams and metrics.
 * @param {any} run a row of the report; one that has changed is another object
 * @param {string[]} words as `wordsOf` has them
 */
export function mentions(run, words) {
  let text = texts.get(run);
  if (text === undefined) texts.set(run, (text = textOf(run)));
  return words.every((word) => /** @type {string} */ (text).includes(word));
}

/** @type {WeakMap<object, string>} what is searched of a run: made once, when somebody first searches */
const texts = new WeakMap();

/**
 * Its fields, one a line, so that nothing is found across two of them.
 * @param {any} run
 */
function textOf(run) {
  const pairs = [...Object.entries(run.hparams), ...Object.entries(run.summary)];
  const fields = [
    ...[run.display_name, run.run_id, run.run_dir, run.state, run.status, run.notes, run.logger_run_id],
    ...run.tags,
    ...pairs.map(([name, value]) => `${name} ${value}`),
    ...pairs.flatMap(([, value]) => (typeof value === "number" ? measure(value) : [])), // as tables show it
    run.checkpoint_path,
    ...run.problems.map((/** @type {any} */ problem) => problem.message),
  ];
  return folded(fields.filter((field) => field !== null && field !== undefined && field !== "").join("\n"));
}

/** So that `É` finds `é`, however that was written. @param {string} text */
function folded(text) {
  return text.normalize("NFC").toLowerCase();
}
