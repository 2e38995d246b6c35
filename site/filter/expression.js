// Text of a selection -> a small tree of conditions; nothing of it is ever run. As spt_cli/choice/expression.py reads it.

import { tree } from "./grammar.js";
import { patternOf } from "./pattern.js";
import { explicit, inQuotes, misread } from "./mistakes.js";
import { Mistake, SELECTION_EXAMPLE } from "./tokens.js";

/**
 * A name as written, or a value. `kind` is "hparams" or "summary" for `hparams["x"]`, "value" for a value, else "".
 * @typedef {{kind: string, text: string, value: any, start: number, end: number}} Operand
 */
/**
 * `type` is test (left, sign, right), matches (left, pattern), truth (left), not, every or either (parts).
 * @typedef {{type: string, parts: Condition[], left: Operand, sign: string, right: Operand, pattern: RegExp | null}} Condition
 */

const MAX_BYTES = 4096;
const MAX_HEIGHT = 79;
const LONGEST_PATTERN = 256;
const WORDS = /** @type {Record<string, any>} */ ({ true: true, false: false, null: null, nan: NaN, inf: Infinity });
const UNBROKEN = /^[^\s()[\]{}"'#\\]+$/; // `a - b` means arithmetic, and there is none

/**
 * The condition that *text* states, and the text that its places count in. Throws a Mistake if there is none.
 * @param {string} text
 * @returns {{source: string, condition: Condition}}
 */
export function parseSelection(text) {
  const source = text.replace(/[\t\n\r\f\v]/g, " ").replace(/^ +| +$/g, "");
  const nowhere = { start: 0, end: 0 };
  if (/[\ud800-\udfff]/u.test(source))
    throw new Mistake("the selection holds bytes that are not UTF-8", nowhere, SELECTION_EXAMPLE);
  if (new TextEncoder().encode(source).length > MAX_BYTES) throw new Mistake("the selection is too long", nowhere);
  if (!source) throw new Mistake("the selection is empty", nowhere, SELECTION_EXAMPLE);
  let read;
  try {
    read = tree(source);
  } catch (error) {
    throw error instanceof Mistake ? misread(source, error) : error;
  }
  if (read.height > MAX_HEIGHT) throw new Mistake("the selection is nested too deeply", nowhere, SELECTION_EXAMPLE);
  return { source, condition: conditionOf(read, source) };
}

/**
 * Whether *key* can stand in a selection as it is, or needs `hparams["…"]`.
 * @param {string} key
 */
export function isPlain(key) {
  try {
    const { source, condition } = parseSelection(key);
    return condition.type === "truth" && condition.left.kind === "" && condition.left.text === key && source === key;
  } catch {
    return false;
  }
}

/**
 * The key and the kind of `hparams["key"]` or `summary["key"]`, as any key can be written; else *name* and "".
 * @param {string} name
 * @returns {{text: string, kind: string}}
 */
export function writtenName(name) {
  if (/^(hparams|summary)\[/.test(name)) {
    try {
      const { condition } = parseSelection(name);
      if (condition.type === "truth" && condition.left.kind !== "value") return condition.left;
    } catch {
      // it is the name of something after all
    }
  }
  return { text: name, kind: "" };
}

/** @typedef {import("./grammar.js").Tree} Tree */

/**
 * @param {Tree} node
 * @param {string} source
 * @returns {Condition}
 */
function conditionOf(node, source) {
  let last = node; // `a/b.matches("x")` is, to Python, a divided by a call
  while (last.type === "binary") last = last.parts[1];
  if (last.type === "and" || last.type === "or") {
    const parts = last.parts.map((part) => conditionOf(part, source));
    return condition(last.type === "and" ? "every" : "either", { parts });
  }
  if (last.type === "not") return condition("not", { parts: [conditionOf(last.parts[0], source)] });
  if (last.type === "compare") return chain(last, source);
  if (last.type === "call") return matchesOf(node, last, source);
  const left = operandOf(node, source);
  if (left.kind === "value" && typeof left.value !== "boolean") {
    throw new Mistake("a value alone is no condition", left, "compare it: a < 0.1 or a > 0.9");
  }
  return condition("truth", { left });
}

/**
 * @param {Tree} node
 * @param {string} source
 */
function chain(node, source) {
  const operands = node.parts.map((part) => operandOf(part, source));
  const tests = node.signs.map((sign, place) => checkedTest(operands[place], sign, operands[place + 1], source));
  return tests.length === 1 ? tests[0] : condition("every", { parts: tests });
}

/**
 * A test, unless it could never hold.
 * @param {Operand} left
 * @param {string} sign
 * @param {Operand} right
 * @param {string} source
 */
function checkedTest(left, sign, right, source) {
  if (sign === "is" || sign === "is not") {
    if (left.kind !== "value" && isBlank(right)) return condition("test", { left, sign, right });
    throw new Mistake(`\`${sign}\` tests for None and nan only`, right, "== and != compare values");
  }
  for (const side of [left, right]) {
    const word = source.slice(side.start, side.end);
    if (isBlank(side)) throw new Mistake(`nothing compares with ${word}`, side, `write: is ${word}, is not ${word}`);
  }
  if (sign.endsWith("in") && right.kind === "value" && !Array.isArray(right.value) && typeof right.value !== "string") {
    throw new Mistake(`\`${sign}\` needs a list or a text`, right, 'like: state in ("failed", "stale")');
  }
  return condition("test", { left, sign, right });
}

/** None or nan, which equal nothing. @param {Operand} operand */
function isBlank({ kind, value }) {
  return kind === "value" && (value === null || Number.isNaN(value));
}

/**
 * The `name.matches("regex")` that *node* is; where the name holds operators, *call* is only its last part.
 * @param {Tree} node
 * @param {Tree} call
 * @param {string} source
 */
function matchesOf(node, call, source) {
  const [method, argument] = call.parts;
  if (
    method.type === "attribute" &&
    method.text === "matches" &&
    call.parts.length === 2 &&
    argument.type === "value" &&
    typeof argument.value === "string"
  ) {
    const owner = method.parts[0];
    const left = node === call ? operandOf(owner, source) : nameOf(node, node.start, owner.end, source);
    if (left && left.kind !== "value" && !call.keywords) {
      return condition("matches", { left, pattern: checkedPattern(argument) });
    }
  }
  throw new Mistake('the only call is name.matches("regex")', node);
}

/** @param {Tree} argument */
function checkedPattern(argument) {
  if ([...argument.value].length > LONGEST_PATTERN) {
    throw new Mistake(`the pattern is too long: ${LONGEST_PATTERN} characters can be read`, argument);
  }
  try {
    return patternOf(argument.value);
  } catch (error) {
    throw new Mistake(`the pattern cannot be read: ${/** @type {Error} */ (error).message}`, argument);
  }
}

/**
 * The name or the value that *node* is.
 * @param {Tree} node
 * @param {string} source
 * @returns {Operand}
 */
function operandOf(node, source) {
  if (node.type === "value") return valueAt(node, node.value);
  if (node.type === "name" && Object.hasOwn(WORDS, node.text)) return valueAt(node, WORDS[node.text]);
  if (node.type === "minus") {
    const inner = operandOf(node.parts[0], source);
    if (inner.kind === "value" && ["number", "boolean"].includes(typeof inner.value))
      return valueAt(node, -inner.value);
  }
  if (node.type === "list")
    return valueAt(
      node,
      node.parts.map((part) => elementOf(part, source)),
    );
  if (node.type === "index") {
    const [owner, key] = node.parts;
    const known = owner.type === "name" && (owner.text === "hparams" || owner.text === "summary");
    if (known && typeof key.value === "string")
      return { kind: owner.text, text: key.value, value: null, start: node.start, end: node.end };
  }
  const name = nameOf(node, node.start, node.end, source);
  if (name) return name;
  const text = source.slice(node.start, node.end);
  if (node.type === "binary" || node.type === "minus") {
    throw new Mistake(
      "there is no arithmetic",
      node,
      inQuotes(text) || `a-b and a/b are names, written without spaces; for others ${explicit(text)}`,
    );
  }
  throw new Mistake("only comparisons of names and values can be read here", node, SELECTION_EXAMPLE);
}

/**
 * @param {Tree} node
 * @param {string} source
 */
function elementOf(node, source) {
  const element = operandOf(node, source);
  if (element.kind !== "value" || Array.isArray(element.value)) {
    throw new Mistake("a list holds texts and numbers", node, 'texts are quoted: ("failed", "stale")');
  }
  if (isBlank(element)) throw new Mistake("nothing equals None or nan", node, "write: x is None or x in (...)");
  return element.value;
}

/**
 * The name that *node* spells, as it stands in *source*; null for anything else.
 * @param {Tree} node
 * @param {number} start
 * @param {number} end
 * @param {string} source
 * @returns {Operand | null}
 */
function nameOf(node, start, end, source) {
  const text = source.slice(start, end);
  return UNBROKEN.test(text) && spellsName(node) ? { kind: "", text, value: null, start, end } : null;
}

/**
 * @param {Tree} node
 * @returns {boolean}
 */
function spellsName(node) {
  if (node.type === "name") return true;
  if (node.type === "attribute") return spellsName(node.parts[0]);
  if (node.type === "call") return node.parts[0].type === "attribute" && spellsName(node.parts[0].parts[0]);
  if (node.type !== "binary") return false;
  const [left, right] = node.parts;
  return spellsName(left) && ((right.type === "value" && typeof right.value === "number") || spellsName(right));
}

/**
 * @param {{start: number, end: number}} place
 * @param {any} value
 * @returns {Operand}
 */
function valueAt({ start, end }, value) {
  return { kind: "value", text: "", value, start, end };
}

/**
 * @param {string} type
 * @param {any} more
 * @returns {Condition}
 */
function condition(type, more) {
  return { type, parts: [], left: null, sign: "", right: null, pattern: null, ...more };
}
