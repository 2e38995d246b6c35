// What runs can be compared by: hparams, last and best values of metrics, each as a place on an axis.

import { isPlain } from "../filter/expression.js";
import { scalar } from "../base/format.js";
import { subscript } from "../filter/mistakes.js";

/**
 * A property of runs. A number stands where it is; of words, each is a place of its own: 0, 1, 2 …
 * @typedef {object} Field
 * @property {string} id `hparam:optim.lr`, `last:val/acc` or `best:val/acc`, as the URL's hash holds it
 * @property {string} title
 * @property {string | null} selector its name in a selection; null: a selection cannot tell
 * @property {string[] | null} words in their order along the axis; null: numbers
 * @property {(run: number) => number | null} place null: the run has none
 * @property {(run: number) => any} value
 */

/** @typedef {import("../page/page.js").Page} Page */

/**
 * The field that *id* names; null when no run has it.
 * @param {Page} page
 * @param {string} id
 * @returns {Field | null}
 */
export function fieldOf(page, id) {
  const at = id.indexOf(":");
  const [kind, key] = [id.slice(0, at), id.slice(at + 1)];
  if (kind === "hparam") return hparamField(page, key);
  if (kind !== "last" && kind !== "best") return null;
  if (page.metricIndex(key) === undefined) return null;
  const value = (/** @type {number} */ run) => page.score(run, key)[kind];
  const selector = kind === "last" ? selectorOf(page, "summary", key) : null;
  const place = (/** @type {number} */ run) => (Number.isFinite(value(run)) ? value(run) : null);
  return { id, title: kind === "best" ? `${page.goalOf(key)} ${key}` : key, selector, words: null, place, value };
}

/** @param {Page} page @param {string} key @returns {Field | null} */
function hparamField(page, key) {
  const values = page.report.runs.map((/** @type {any} */ { hparams }) => (Object.hasOwn(hparams, key) ? hparams[key] : null));
  const given = values.filter((/** @type {any} */ value) => value !== null);
  if (given.length === 0) return null;
  const common = { id: `hparam:${key}`, title: key, selector: selectorOf(page, "hparams", key), value: (/** @type {number} */ run) => values[run] };
  if (given.every(Number.isFinite)) return { ...common, words: null, place: common.value };
  const words = [.../** @type {Set<string>} */ (new Set(given.map(scalar)))].sort(byWord);
  const places = new Map(words.map((word, place) => [word, place]));
  return { ...common, words, place: (run) => (values[run] === null ? null : (places.get(scalar(values[run])) ?? null)) };
}

/** Numbers in words by their size: resnet18 before resnet50. @param {string} a @param {string} b */
function byWord(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}

/** @param {Page} page @param {"hparams" | "summary"} kind @param {string} key */
function selectorOf(page, kind, key) {
  const exact = subscript(kind, key);
  if (!isPlain(key)) return exact;
  try {
    const meant = page.names().resolve(key);
    return meant.kind === kind && meant.key === key ? key : exact;
  } catch {
    return exact;
  }
}

/**
 * The ids of all fields, as they are offered: hparams that differ, best, last, other hparams.
 * @param {Page} page
 * @returns {{title: string, ids: string[]}[]}
 */
export function fieldChoices({ report }) {
  const metrics = report.metrics.map((/** @type {any} */ { name }) => name);
  const keys = new Set(report.runs.flatMap((/** @type {any} */ { hparams }) => Object.keys(hparams)));
  const others = [...keys].filter((key) => !report.differing.includes(key)).sort();
  const choices = [
    { title: "hparams that differ", ids: report.differing.map((/** @type {string} */ key) => `hparam:${key}`) },
    { title: "best of a metric", ids: metrics.map((/** @type {string} */ name) => `best:${name}`) },
    { title: "last of a metric", ids: metrics.map((/** @type {string} */ name) => `last:${name}`) },
    { title: "hparams that are equal", ids: others.map((key) => `hparam:${key}`) },
  ];
  return choices.filter(({ ids }) => ids.length > 0);
}

const MANY_WORDS = 20; // more say nothing on an axis: paths, ids

/**
 * hparams worth looking at first: those that differ and are numbers or few words, seeds last.
 * @param {Page} page
 * @returns {string[]} ids
 */
export function tellingFields(page) {
  const seed = (/** @type {string} */ key) => Number(/(^|[._])seed$/i.test(key));
  return [...page.report.differing].sort((a, b) => seed(a) - seed(b))
    .map((/** @type {string} */ key) => fieldOf(page, `hparam:${key}`))
    .filter((/** @type {Field | null} */ field) => field && (field.words === null || (field.words.length > 1 && field.words.length <= MANY_WORDS)))
    .map((field) => /** @type {Field} */ (field).id);
}

/**
 * From where to where *runs* reach in a field, null when none has it.
 * @param {Field} field
 * @param {number[]} runs
 * @returns {[number, number] | null}
 */
export function fieldRange(field, runs) {
  if (field.words) return [0, field.words.length - 1];
  let [low, high] = [Infinity, -Infinity];
  for (const run of runs) {
    const place = field.place(run);
    if (place !== null) [low, high] = [Math.min(low, place), Math.max(high, place)];
  }
  return low <= high ? [low, high] : null;
}

const FAR_APART = 30; // times: from which on numbers are looked at by their size

/**
 * Whether the numbers of *runs* are better seen on a log axis: they lie far apart, one in ten at each end aside, or each
 * is as many times the one before (64, 128, 256).
 * @param {Field} field
 * @param {number[]} runs
 */
export function spreadWide(field, runs) {
  const range = field.words ? null : fieldRange(field, runs);
  if (!range || range[0] <= 0) return false;
  const values = runs.flatMap((run) => field.place(run) ?? []).sort((a, b) => a - b);
  const aside = Math.floor(values.length / 10); // a run that has just begun must not turn the axis under somebody's eyes
  if (values[values.length - 1 - aside] / values[aside] >= FAR_APART) return true;
  const few = fewValues(field, runs) ?? [];
  const factors = few.slice(1).map((value, place) => value / few[place]);
  return factors.length > 1 && factors.every((factor) => Math.abs(factor - factors[0]) < 0.01 * factors[0]);
}

const FEW_VALUES = 8; // so many can stand beside an axis each

/**
 * The different numbers of *runs*, ascending; null when they are many, or words.
 * @param {Field} field
 * @param {number[]} runs
 * @returns {number[] | null}
 */
export function fewValues(field, runs) {
  /** @type {Set<number>} */
  const values = new Set();
  for (const run of runs) {
    const place = field.words ? null : field.place(run);
    if (place !== null) values.add(place);
    if (values.size > FEW_VALUES) return null;
  }
  return values.size ? [...values].sort((a, b) => a - b) : null;
}

/**
 * The selection of runs whose *field* stands from *low* to *high*; null when none can say it.
 * @param {Field} field
 * @param {number} low
 * @param {number} high
 * @param {number[]} runs those that are chosen from: words are listed, so they must occur
 */
export function selectionOf({ selector, words, place, value }, low, high, runs) {
  if (selector === null) return null;
  if (words === null) {
    const [first, last] = shortEnds(low, high, runs.map(place));
    return `${first} <= ${selector} <= ${last}`;
  }
  const chosen = runs.filter((run) => inside(place(run), low, high)).map(value);
  const literals = [...new Set(chosen.filter((one) => !Array.isArray(one)).map(literal))];
  if (chosen.some(Array.isArray) || literals.length === 0) return null;
  return literals.length === 1 ? `${selector} == ${literals[0]}` : `${selector} in (${literals.join(", ")})`;
}

/** @param {number | null} place @param {number} low @param {number} high */
export function inside(place, low, high) {
  return place !== null && place >= low && place <= high;
}

/** As the selection language writes a value. @param {any} value */
function literal(value) {
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? String(value) : subscript("", String(value)).slice(1, -1);
}

/**
 * The ends of a range in the fewest digits that leave the same of *places* in it.
 * @param {number} low
 * @param {number} high
 * @param {(number | null)[]} places
 */
function shortEnds(low, high, places) {
  for (let digits = 2; digits < 17; digits += 1) {
    const [first, last] = [low, high].map((end) => Number(end.toPrecision(digits)));
    if (places.every((place) => inside(place, first, last) === inside(place, low, high))) return [first, last];
  }
  return [low, high];
}

/**
 * Spearman's rank correlation of the runs that have both: 1 when they rise together, -1 when one falls as the other
 * rises; null for fewer than three runs or when one of them is everywhere the same.
 * @param {(number | null)[]} a
 * @param {(number | null)[]} b
 * @returns {number | null}
 */
export function rankCorrelation(a, b) {
  const both = [...a.keys()].filter((place) => a[place] !== null && b[place] !== null);
  if (both.length < 3) return null;
  const [left, right] = [ranks(both.map((place) => Number(a[place]))), ranks(both.map((place) => Number(b[place])))];
  const middle = (both.length + 1) / 2;
  let [product, first, second] = [0, 0, 0];
  for (let place = 0; place < both.length; place += 1) {
    const [one, two] = [left[place] - middle, right[place] - middle];
    product += one * two;
    first += one * one;
    second += two * two;
  }
  return first > 0 && second > 0 ? product / Math.sqrt(first * second) : null;
}

/** 1 to n; equal values share the mean of their ranks. @param {number[]} values */
function ranks(values) {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const found = new Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to += 1;
    for (let place = from; place <= to; place += 1) found[order[place]] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return found;
}
