// Which rows the run table has: runs that the filter chooses, in order, in groups where asked for.

import { columnNamed } from "./columns.js";
import { scalar } from "../base/format.js";
import { compared } from "../filter/where.js";

/** @typedef {{key: string, label: string, runs: number[], open: boolean}} Group */
/** @typedef {{run: number, group: Group | null} | {run: null, group: Group}} Row */

const OPEN_GROUPS = 60; // with more runs than this groups are closed at first

/**
 * The rows of *state*: of runs, and above those of each group its own.
 * @param {import("../page/page.js").Page} page
 * @param {import("../page/state.js").State} state
 * @returns {Row[]}
 */
export function arrangedRows(page, { sort, group, toggled }) {
  const { runs } = page.filtered();
  const descending = sort.startsWith("-");
  const by = sort ? columnNamed(page, sort.slice(descending ? 1 : 0)) : null;
  const found = new Set(runs);
  const ordered = by ? sortedRuns(runs, by.value, descending) : page.ranking().filter((run) => found.has(run));
  if (!group) return ordered.map((run) => ({ run, group: null }));
  const closed = runs.length > OPEN_GROUPS;
  return groupedRuns(page.report, ordered, group).flatMap(({ key, label, runs: some }) => {
    const made = { key, label, runs: some, open: closed === toggled.includes(key) };
    return [{ run: null, group: made }, ...(made.open ? some.map((run) => ({ run, group: made })) : [])];
  });
}

/** What tells a row from all others. @param {Row} row */
export function rowKey(row) {
  return row.run === null ? row.group.key : row.run;
}

/**
 * The rows *next* in the order in which they are *shown*; those that are new stand behind what they follow in *next*, or
 * *last*.
 * @param {Row[]} shown
 * @param {Row[]} next
 * @param {boolean} [last]
 * @returns {Row[]}
 */
export function steadyRows(shown, next, last = false) {
  const known = new Set(shown.map(rowKey));
  /** @type {Map<string | number | null, Row[]>} */
  const behind = new Map([[null, []]]);
  let before = /** @type {string | number | null} */ (null);
  for (const row of next) {
    if (known.has(rowKey(row))) behind.set((before = rowKey(row)), [row]);
    else behind.get(last ? null : before)?.push(row);
  }
  const keys = shown.map(rowKey);
  return (last ? [...keys, null] : [null, ...keys]).flatMap((key) => behind.get(key) ?? []);
}

/**
 * Indices of *runs* in the order of *value*: those without one last, NaN just before them, equals as they were.
 * @param {number[]} runs
 * @param {(run: number) => any} value
 * @param {boolean} descending
 */
export function sortedRuns(runs, value, descending) {
  const keyed = runs.map((run) => ({ run, key: value(run) }));
  const rank = (/** @type {any} */ key) =>
    key === null || key === "" ? 4 : Number.isNaN(key) ? 3 : Array.isArray(key) ? 2 : typeof key === "string" ? 1 : 0;
  keyed.sort((a, b) => {
    const [left, right] = [rank(a.key), rank(b.key)];
    if (left !== right) return left > 2 || right > 2 || !descending ? left - right : right - left;
    if (left > 2) return 0;
    const order = compared(a.key, b.key) || 0;
    return descending ? -order : order;
  });
  return keyed.map(({ run }) => run);
}

/**
 * *runs* by what they share: the value of an hparam, or of all that differ but one (`-seed`).
 * @param {any} report
 * @param {number[]} runs
 * @param {string} by state.group
 * @returns {{key: string, label: string, runs: number[]}[]} in the order in which *runs* come to them
 */
export function groupedRuns(report, runs, by) {
  const without = by.startsWith("-") ? by.slice(1) : null;
  const keys = without === null ? [by] : report.differing.filter((/** @type {string} */ key) => key !== without);
  const short = (/** @type {string} */ key) => key.split(".").pop();
  /** @type {Map<string, {key: string, label: string, runs: number[]}>} */
  const groups = new Map();
  for (const run of runs) {
    const hparams = report.runs[run].hparams;
    const values = keys.map((/** @type {string} */ key) => [
      key,
      Object.hasOwn(hparams, key) ? hparams[key] : undefined,
    ]);
    const key = JSON.stringify(values.map((/** @type {any[]} */ [, value]) => value ?? null));
    const said = values.filter((/** @type {any[]} */ [, value]) => value !== undefined && value !== null);
    const label = said.map((/** @type {any[]} */ [name, value]) => `${short(name)} ${scalar(value)}`).join(", ");
    if (!groups.has(key))
      groups.set(key, { key, label: label || (without === null ? `no ${short(by)}` : "no hparams"), runs: [] });
    groups.get(key)?.runs.push(run);
  }
  return [...groups.values()];
}

/**
 * Mean, sample standard deviation and number of the finite ones of *values*; null without any.
 * @param {any[]} values
 */
export function spreadOf(values) {
  const finite = values.filter((value) => typeof value === "number" && Number.isFinite(value));
  if (finite.length === 0) return null;
  const mean = finite.reduce((sum, value) => sum + value / finite.length, 0);
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: finite.length > 1 ? Math.sqrt(squares / (finite.length - 1)) : null, count: finite.length };
}
