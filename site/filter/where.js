// The selection language of -w in the browser: which runs an expression chooses. As spt_cli/choice/where.py has it, and
// tests/data/where-corpus.json holds both to the same.

import { durationIn, momentIn } from "../base/durations.js";
import { parseSelection } from "./expression.js";
import { LENGTHS, MOMENTS, NameError, getterOf } from "./names.js";
import { Mistake } from "./tokens.js";

/** @typedef {import("./expression.js").Condition} Condition */
/** @typedef {import("./expression.js").Operand} Operand */
/** @typedef {(run: any) => any} Of */

const STATES = ["running", "stale", "completed", "failed"];
const ORDERS = new Set(["<", "<=", ">", ">="]);

/**
 * A function run -> whether *text* chooses it. Throws a Mistake, with the place and what to write instead.
 * @param {string} text
 * @param {import("./names.js").Names} names of all runs, so that a name means the same for each of them
 * @param {{now: number, asOf: number}} clock
 * @returns {(run: any) => boolean}
 */
export function where(text, names, clock) {
  return bound(parseSelection(text).condition, { names, clock });
}

/** @typedef {{names: import("./names.js").Names, clock: {now: number, asOf: number}}} Scope */

/**
 * @param {Condition} condition
 * @param {Scope} scope
 * @returns {(run: any) => boolean}
 */
function bound(condition, scope) {
  const parts = condition.parts.map((part) => bound(part, scope));
  if (condition.type === "not") return (run) => !parts[0](run);
  if (condition.type === "every") return (run) => parts.every((holds) => holds(run));
  if (condition.type === "either") return (run) => parts.some((holds) => holds(run));
  if (condition.type === "test") return boundTest(condition, scope);
  const value = getter(condition.left, columnOf(condition.left, scope), scope);
  if (condition.type === "truth") return (run) => isTrue(value(run));
  const pattern = /** @type {RegExp} */ (condition.pattern);
  return (run) => [value(run)].flat().some((text) => typeof text === "string" && pattern.test(text));
}

/**
 * @param {Condition} condition
 * @param {Scope} scope
 * @returns {(run: any) => boolean}
 */
function boundTest({ left, sign, right }, scope) {
  const columns = [columnOf(left, scope), columnOf(right, scope)];
  const first = getter(timed(left, columns[1], sign, scope), columns[0], scope);
  const second = getter(timed(right, columns[0], sign, scope), columns[1], scope);
  if (sign === "is" || sign === "is not") {
    const blank = right.value === null ? isNothing : Number.isNaN;
    return (run) => blank(first(run)) === (sign === "is");
  }
  const compare = COMPARE[sign];
  return (run) => compare(first(run), second(run));
}

/**
 * What a name means; null for a value.
 * @param {Operand} operand
 * @param {Scope} scope
 */
function columnOf(operand, { names }) {
  if (operand.kind === "value") return null;
  try {
    return names.resolve(operand.text, operand.kind);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    if (names.runs.length === 0) return null; // an empty tree has no names: nothing in it is misspelt
    const state = STATES.includes(operand.text) && `a state is a text: state == "${operand.text}"`;
    const mistake = new Mistake(
      error.message,
      operand,
      state || error.advice || 'a text stands in quotes: name == "baseline"',
      error.kind,
    );
    mistake.candidates = error.candidates;
    throw mistake;
  }
}

/**
 * @param {Operand} operand
 * @param {import("./names.js").Column | null} column
 * @param {Scope} scope
 * @returns {Of}
 */
function getter(operand, column, { clock }) {
  if (column) return getterOf(column, clock);
  const value = operand.kind === "value" ? operand.value : null;
  return () => value;
}

/**
 * *operand*, in seconds when it is a text that stands against a time: `age > "2d"`, `created > "2026-11-20"`.
 * @param {Operand} operand
 * @param {import("./names.js").Column | null} other
 * @param {string} sign
 * @param {Scope} scope
 * @returns {Operand}
 */
function timed(operand, other, sign, { clock }) {
  if (operand.kind !== "value" || other?.kind !== "field" || !(LENGTHS.has(other.key) || MOMENTS.has(other.key)))
    return operand;
  if (!ORDERS.has(sign) && !sign.startsWith("is") && !["number", "boolean"].includes(typeof operand.value)) {
    throw new Mistake(`${other.key} is a time`, operand, "times are compared with < <= > >=");
  }
  if (typeof operand.value !== "string") return operand;
  const value = LENGTHS.has(other.key) ? durationIn(operand.value) : momentIn(operand.value, clock.now);
  if (value !== null) return { ...operand, value };
  const shown = `"${operand.value.length <= 60 ? operand.value : operand.value.slice(0, 60) + "…"}"`;
  if (LENGTHS.has(other.key))
    throw new Mistake(`${shown} is no duration`, operand, "write it like 500ms, 0.3s, 10m, 3h or 2d");
  const how = 'write it like 2d, 3h, 2026-11-20, "2026-11-20 10:00" or 2026-11-20T10:00:00Z';
  throw new Mistake(`${shown} is neither a duration nor a time`, operand, how);
}

/** @param {any} value */
function isNothing(value) {
  return value === null;
}

/** As Python has it: NaN is true, an empty list is not. @param {any} value */
function isTrue(value) {
  return Array.isArray(value) ? value.length > 0 : Boolean(value) || Number.isNaN(value);
}

/** text, number (booleans too), list or "" for nothing: only values of one kind compare. @param {any} value */
function kindOf(value) {
  if (value === null) return "";
  return Array.isArray(value) ? "list" : typeof value === "string" ? "text" : "number";
}

/**
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
function equals(a, b) {
  const kind = kindOf(a);
  if (!kind || kind !== kindOf(b)) return false;
  if (kind === "list")
    return (
      a.length === b.length && a.every((/** @type {any} */ item, /** @type {number} */ place) => equals(item, b[place]))
    );
  return kind === "text" ? a === b : Number(a) === Number(b);
}

/**
 * Which of two values of one kind comes first: -1, 0, 1; NaN when they have no order.
 * @param {any} a
 * @param {any} b
 * @returns {number}
 */
export function compared(a, b) {
  const kind = kindOf(a);
  if (!kind || kind !== kindOf(b)) return NaN;
  if (kind === "number") return a < b ? -1 : a > b ? 1 : Number(a) === Number(b) ? 0 : NaN;
  const [left, right] = kind === "text" ? [points(a), points(b)] : [a, b];
  for (let place = 0; place < Math.min(left.length, right.length); place += 1) {
    if (!equals(left[place], right[place])) return compared(left[place], right[place]);
  }
  return Math.sign(left.length - right.length);
}

/** Characters by number: JavaScript compares halves of those beyond the first 65,536. @param {string} text */
function points(text) {
  return Array.from(text, (character) => /** @type {number} */ (character.codePointAt(0)));
}

/**
 * Whether *a* can be in *b*: anything in a list, a text in a text; and whether it is.
 * @param {any} a
 * @param {any} b
 * @param {boolean} wanted
 */
function contained(a, b, wanted) {
  if (a !== null && Array.isArray(b)) return b.some((item) => equals(a, item)) === wanted;
  return typeof a === "string" && typeof b === "string" && b.includes(a) === wanted;
}

const COMPARE = /** @type {Record<string, (a: any, b: any) => boolean>} */ ({
  "==": equals,
  "!=": (a, b) => kindOf(a) !== "" && kindOf(a) === kindOf(b) && !equals(a, b),
  "<": (a, b) => compared(a, b) < 0,
  "<=": (a, b) => compared(a, b) <= 0,
  ">": (a, b) => compared(a, b) > 0,
  ">=": (a, b) => compared(a, b) >= 0,
  in: (a, b) => contained(a, b, true),
  "not in": (a, b) => contained(a, b, false),
});
