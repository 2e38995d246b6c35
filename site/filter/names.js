// What a name means: a field of a run, else a metric of its summary, else an hparam, else the last part of one.
// As spt_cli/choice/names.py resolves it.

import { isPlain } from "./expression.js";
import { subscript } from "./mistakes.js";
import { closest } from "./similar.js";

/** @typedef {{kind: "field" | "summary" | "hparams", key: string}} Column */

const OWN = (
  "state status tags notes display_name run_id run_dir logger_run_id checkpoint_path created_at ended_at heartbeat_at " +
  "alive archived has_media metrics_size"
).split(" ");
const ATTRIBUTES = /** @type {Record<string, string>} */ ({
  ...Object.fromEntries(OWN.map((name) => [name, name])),
  name: "display_name",
  created: "created_at",
  ended: "ended_at",
  heartbeat: "heartbeat_at",
});
export const FIELDS = new Set([...Object.keys(ATTRIBUTES), "age", "duration"]);
export const MOMENTS = new Set(["created", "created_at", "ended", "ended_at", "heartbeat", "heartbeat_at"]);
export const LENGTHS = new Set(["duration", "age"]);

const CANDIDATES = 8; // named in a message

/** No name, or several: *advice* names the candidates. */
export class NameError extends Error {
  /**
   * @param {string} message
   * @param {string} advice
   * @param {"unknown" | "ambiguous"} kind
   * @param {string[]} candidates as they are written in a selection
   */
  constructor(message, advice, kind, candidates) {
    super(message);
    this.advice = advice;
    this.kind = kind;
    this.candidates = candidates;
  }
}

/** The names that some of *runs* have. */
export class Names {
  /** @param {any[]} runs */
  constructor(runs) {
    this.runs = runs;
    this.metrics = keysOf(runs, "summary");
    this.hparams = keysOf(runs, "hparams");
  }

  /**
   * What *name* means in these runs; with *kind*, "summary" or "hparams", it is an exact key of that. Exact names go
   * first: fields, metrics, hparams, then `hparams.lr`; else it is the one key that ends in it. Throws a NameError.
   * @param {string} name
   * @param {string} [kind]
   * @returns {Column}
   */
  resolve(name, kind = "") {
    const dot = name.indexOf(".");
    const [prefix, rest] = dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot + 1)];
    for (const [type, key] of [
      ["field", name],
      ["summary", name],
      ["hparams", name],
      [prefix, rest],
    ]) {
      const column = /** @type {Column} */ ({ kind: type, key });
      if ((!kind || kind === type) && this.has(column)) return column;
    }
    const found = kind ? [] : this.columns().filter(({ key }) => key.endsWith("/" + name) || key.endsWith("." + name));
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      const several = found.map((column) => this.spell(column)).sort();
      const listed = several.slice(0, CANDIDATES).join(", ") + (several.length > CANDIDATES ? ", …" : "");
      throw new NameError(
        `${name} could be one of ${found.length} names`,
        `write one of: ${listed}`,
        "ambiguous",
        several.slice(0, CANDIDATES),
      );
    }
    const close = this.closeTo(name);
    const advice = close.length ? `did you mean ${close.join(", ")}?` : "";
    throw new NameError(`no run has ${kind ? subscript(kind, name) : name}`, advice, "unknown", close);
  }

  /** Up to three names that look like *name*, as they are written in a selection. @param {string} name */
  closeTo(name) {
    /** @type {Map<string, Column>} */
    const known = new Map();
    const fields = [...FIELDS].sort().map((key) => /** @type {Column} */ ({ kind: "field", key }));
    for (const column of [...fields, ...this.columns()]) {
      for (const spelled of [column.key, column.key.split(/[/.]/).pop() ?? ""])
        if (!known.has(spelled)) known.set(spelled, column);
    }
    return [...new Set(closest(name, known.keys()).map((near) => this.spell(/** @type {Column} */ (known.get(near)))))];
  }

  /** How *column* is written, so that it means just that. @param {Column} column */
  spell({ kind, key }) {
    const hidden = (kind !== "field" && FIELDS.has(key)) || (kind === "hparams" && this.metrics.has(key));
    return hidden || !isPlain(key) ? subscript(kind, key) : key;
  }

  /** @param {Column} column */
  has({ kind, key }) {
    if (kind === "field") return FIELDS.has(key);
    return kind === "summary" ? this.metrics.has(key) : kind === "hparams" && this.hparams.has(key);
  }

  /** @returns {Column[]} */
  columns() {
    const of = (/** @type {"summary" | "hparams"} */ kind, /** @type {Set<string>} */ keys) =>
      [...keys].sort().map((key) => ({ kind, key }));
    return [...of("summary", this.metrics), ...of("hparams", this.hparams)];
  }
}

/**
 * A function run -> value of *column*, null where it is missing. A metric that is null in the report was not finite
 * where it was logged, and is NaN here.
 * @param {Column} column
 * @param {{now: number, asOf: number}} clock s since 1970: of ages, and of how long a run that is alive has lasted
 * @returns {(run: any) => any}
 */
export function getterOf({ kind, key }, { now, asOf }) {
  if (kind === "summary") return (run) => (Object.hasOwn(run.summary, key) ? (run.summary[key] ?? NaN) : null);
  if (kind === "hparams") return (run) => (Object.hasOwn(run.hparams, key) ? run.hparams[key] : null);
  if (key === "age") return (run) => (run.created_at === null ? null : now - run.created_at);
  if (key === "duration") return (run) => durationOf(run, asOf);
  return (run) => run[ATTRIBUTES[key]] ?? null;
}

/**
 * Seconds that *run* took: to its end, to *now* while it is alive, else to its last heartbeat; null if unknown.
 * @param {any} run
 * @param {number} now
 */
export function durationOf(run, now) {
  const end = run.ended_at ?? (run.alive ? now : run.heartbeat_at);
  return run.created_at === null || end === null ? null : Math.max(0, end - run.created_at);
}

/**
 * @param {any[]} runs
 * @param {"summary" | "hparams"} kind
 */
function keysOf(runs, kind) {
  /** @type {Set<string>} */
  const keys = new Set();
  for (const run of runs) for (const key of Object.keys(run[kind])) keys.add(key);
  return keys;
}
