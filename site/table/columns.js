// Columns of the run table: what each is called, its value of a run for sorting, and how that is written.

import { ago, duration, measure, printable, scalar, when } from "../base/format.js";
import { writtenName } from "../filter/expression.js";
import { LENGTHS, MOMENTS, NameError, getterOf } from "../filter/names.js";
import { URGENCY, glyphOf } from "../page/states.js";

/**
 * `value` is what it sorts by, null where there is none; `text` what is shown. `rounded` marks what is not exact.
 * @typedef {object} Shown
 * @property {string} name as the state and the hash have it
 * @property {string} title
 * @property {string} help
 * @property {"number" | "text" | "state" | "name" | "spark"} kind
 * @property {(run: number) => any} value
 * @property {(run: number) => string} text
 * @property {(value: number) => string} format of a number that is not a run's: a mean
 * @property {boolean} [short] only a glyph
 */

const UNUSUAL = 0.1; // of the largest value: what is smaller has decimals of its own
const LONGEST = 80; // characters of a cell; its title has the rest

/**
 * The column that *name* means: `state`, `name`, `best` and `last` of the primary metric, `trend`, or any name of the
 * selection language. Null for a name that no run has.
 * @param {import("../page/page.js").Page} page
 * @param {string} name
 * @returns {Shown | null}
 */
export function columnNamed(page, name) {
  const { report, score, clock } = page;
  const metric = page.store.get().metric;
  const plain = { name, title: name, help: "", format: measure };
  if (name === "state") {
    const urgency = (/** @type {string} */ state) =>
      URGENCY.includes(state) ? URGENCY.indexOf(state) : URGENCY.length;
    return {
      ...plain,
      kind: "state",
      value: (run) => urgency(report.runs[run].state),
      text: (run) =>
        printable(`${glyphOf(report.runs[run].state)} ${report.runs[run].state || "no state"}`).slice(0, LONGEST),
    };
  }
  if (name === "name") return { ...plain, kind: "name", value: (run) => page.name(run), text: (run) => page.name(run) };
  if (name === "trend")
    return metric
      ? { ...plain, help: `${report.primary?.metric} over time`, kind: "spark", value: () => null, text: () => "" }
      : null;
  if (name === "best" || name === "last") {
    if (!metric) return null;
    const help = name === "best" ? `${page.goal() === "min" ? "lowest" : "highest"} ${metric}` : `last ${metric}`;
    const rough = (/** @type {number} */ run) => name === "best" && !score(run).exact && score(run).best !== null;
    const format = evenly(report.runs.map((/** @type {any} */ _, /** @type {number} */ run) => score(run)[name]));
    return {
      ...plain,
      help,
      kind: "number",
      format,
      value: (run) => score(run)[name],
      text: (run) => (rough(run) ? "≈" : "") + format(score(run)[name]),
    };
  }
  const column = resolved(page, name);
  if (!column) return null;
  const get = getterOf(column, clock());
  const value = (/** @type {number} */ run) => get(report.runs[run]);
  const number = report.runs.some((/** @type {any} */ _, /** @type {number} */ run) => typeof value(run) === "number");
  const even =
    column.kind === "summary" &&
    evenly(report.runs.map((/** @type {any} */ _, /** @type {number} */ run) => value(run)));
  const formatted = even || formatOf(column);
  return {
    ...plain,
    title: column.kind === "field" ? column.key : shortTitle(page, column),
    help: column.kind === "field" ? "" : column.key,
    kind: number && !MOMENTS.has(column.key) ? "number" : "text",
    value,
    text: (run) => printable(formatted(value(run))).slice(0, LONGEST),
    format: formatted,
  };
}

/** What *name* means in the selection language; null when no run has it. @param {any} page @param {string} name */
function resolved(page, name) {
  const { text, kind } = writtenName(name);
  try {
    return page.names().resolve(text, kind);
  } catch (error) {
    if (error instanceof NameError) return null;
    throw error;
  }
}

/**
 * How values of *column* are written.
 * @param {import("../filter/names.js").Column} column
 * @returns {(value: any) => string}
 */
function formatOf({ kind, key }) {
  if (kind === "field" && key === "age") return ago;
  if (kind === "field" && key === "duration") return duration;
  if (kind === "field" && MOMENTS.has(key)) return when;
  return scalar;
}

/**
 * How the numbers of a column are written: all with as many decimals as the one that needs most.
 * @param {any[]} values
 * @returns {(value: any) => string}
 */
function evenly(values) {
  const finite = values.filter(Number.isFinite).map(Math.abs);
  const usual = finite.reduce((most, value) => Math.max(most, value), 0) * UNUSUAL;
  const most = values.reduce(
    (most, value) => (Math.abs(value) < usual ? most : Math.max(most, decimals(write(value)))),
    0,
  );
  return (value) => {
    const text = write(value);
    const plain = typeof value === "number" && /^-?\d+(\.\d+)?$/.test(text);
    return plain && decimals(text) < most && most <= 6 ? value.toFixed(most) : text;
  };
  function write(/** @type {any} */ value) {
    return typeof value === "number" || value === null ? measure(value) : scalar(value);
  }
  function decimals(/** @type {string} */ text) {
    return /^-?\d+\.\d+$/.test(text) ? text.length - text.indexOf(".") - 1 : 0;
  }
}

/** The last part of a key where that means just it. @param {any} page @param {import("../filter/names.js").Column} column */
function shortTitle(page, column) {
  if (column.kind !== "hparams") return column.key;
  const short = column.key.split(".").pop() ?? "";
  const found = resolved(page, short);
  return found?.kind === column.kind && found.key === column.key ? short : column.key;
}

/**
 * Names of the usual columns, the most telling first: as many of them are shown as fit.
 * @param {any} page
 * @returns {string[]}
 */
export function usualColumns(page) {
  const { report } = page;
  const differing = report.differing
    .slice(0, 12)
    .map((/** @type {string} */ key) => page.names().spell({ kind: "hparams", key }));
  const metric = page.store.get().metric ? ["best", "last"] : [];
  const trend = metric.length && report.runs.some((/** @type {any} */ run) => run.spark.length > 0) ? ["trend"] : [];
  const early = report.runs.every((/** @type {any} */ run) => run.shown) ? 2 : 0; // it is the only curve that some have
  return [
    "name",
    "state",
    ...metric,
    ...differing.slice(0, early),
    ...trend,
    ...differing.slice(early),
    "age",
    "duration",
  ];
}

/**
 * Everything that can be a column, by kind, for the chooser.
 * @param {any} page
 * @returns {{title: string, names: string[]}[]}
 */
export function allColumns(page) {
  const names = page.names();
  const spelled = (/** @type {string} */ kind) =>
    names
      .columns()
      .filter((/** @type {any} */ column) => column.kind === kind)
      .map((/** @type {any} */ column) => names.spell(column));
  const fields = [
    "state",
    "name",
    ...(page.store.get().metric ? ["best", "last", "trend"] : []),
    "run_id",
    "created",
    "ended",
    "age",
    "duration",
    "tags",
    "notes",
  ];
  return [
    { title: "Run", names: fields },
    {
      title: "Hparams",
      names: [
        ...new Set([
          ...page.report.differing.map((/** @type {string} */ key) => names.spell({ kind: "hparams", key })),
          ...spelled("hparams"),
        ]),
      ],
    },
    { title: "Last values of metrics", names: spelled("summary") },
  ];
}

/** Whether a column of the language holds seconds. @param {string} name */
export function isLength(name) {
  return LENGTHS.has(name);
}
