// The words of a selection, as Python's tokenizer cuts them; spt_cli/choice/expression.py has Python itself to do it.

/**
 * What cannot be read, with its place in the text: *message* says what is wrong, *advice* what to write instead.
 * `kind` is "unreadable", "unknown" (no run has the name) or "ambiguous" (several do).
 */
export class Mistake extends Error {
  /**
   * @param {string} message
   * @param {{start: number, end: number}} span
   * @param {string} [advice]
   * @param {"unreadable" | "unknown" | "ambiguous"} [kind]
   */
  constructor(message, { start, end }, advice = "", kind = "unreadable") {
    super(message);
    this.start = start;
    this.end = end;
    this.advice = advice;
    this.kind = kind;
    /** @type {string[]} what could stand in its place */
    this.candidates = [];
  }
}

/** @typedef {{type: "name" | "number" | "text" | "sign" | "end", text: string, value: any, start: number, end: number}} Token */

export const SELECTION_EXAMPLE = 'it reads like: val/acc > 0.7 and state == "failed"';
export const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global if " +
    "import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*|[0-9](?:_?[0-9])*\.?)(?:[eE][+-]?[0-9](?:_?[0-9])*)?/y;
const AFTER_NUMBER = /(?:and|else|for|if|in|is|or|not)/y; // Python reads `1and` as `1 and`
const SIGN = /\*\*|\/\/|<<|>>|<=|>=|==|!=|:=|->|[-+*/%@&|^~<>()[\]{},:.=;!]/y;
const QUOTE = /([a-zA-Z]{0,2})('''|"""|'|")/y;
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/y;
const PLAIN_ESCAPES = /** @type {Record<string, string>} */ ({
  "\\": "\\", "'": "'", '"': '"', a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v",
}); // prettier-ignore

/**
 * The tokens of *text*, the last of them an "end". Throws a Mistake at what is no token.
 * @param {string} text with no white space but spaces
 * @returns {Token[]}
 */
export function tokens(text) {
  /** @type {Token[]} */
  const found = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === " ") at += 1;
    else {
      const token = quoted(text, at) ?? number(text, at) ?? plain(text, at);
      found.push(token);
      at = token.end;
    }
  }
  found.push({ type: "end", text: "", value: null, start: at, end: at });
  return found;
}

/**
 * @param {RegExp} pattern sticky
 * @param {string} text
 * @param {number} at
 */
function matched(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {Token | null}
 */
function number(text, at) {
  const found = matched(NUMBER, text, at)?.[0];
  if (!found) return null;
  const end = at + found.length;
  const word = /[^ ]*/y;
  const whole = { start: at, end: end + (matched(word, text, end)?.[0].length ?? 0) };
  if (/^0[0-9_]*[1-9]/.test(found) && !/[.eExXoObB]/.test(found)) {
    throw new Mistake("the selection cannot be read: a number begins with 0", whole, SELECTION_EXAMPLE);
  }
  if (matched(NAME, text, end) && !matched(AFTER_NUMBER, text, end)) {
    throw new Mistake("the selection cannot be read: invalid number", whole, SELECTION_EXAMPLE);
  }
  return { type: "number", text: found, value: Number(found.replaceAll("_", "")), start: at, end };
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {Token}
 */
function plain(text, at) {
  const name = matched(NAME, text, at)?.[0];
  if (name) return { type: "name", text: name, value: name, start: at, end: at + name.length };
  const sign = matched(SIGN, text, at)?.[0];
  if (sign) return { type: "sign", text: sign, value: sign, start: at, end: at + sign.length };
  const span = { start: at, end: at + 1 };
  if (text[at] === "#") throw new Mistake("a selection has no comments", { start: at, end: text.length });
  throw new Mistake(`the selection cannot be read: invalid character ${text[at]}`, span, SELECTION_EXAMPLE);
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {Token | null}
 */
function quoted(text, at) {
  const opening = matched(QUOTE, text, at);
  if (!opening) return null;
  const [whole, prefix, quote] = opening;
  const kind = prefix.toLowerCase();
  if (!["", "r", "u"].includes(kind)) {
    if (!["b", "br", "rb", "f", "fr", "rf"].includes(kind)) return null; // a name before a quote
    throw new Mistake(
      "only comparisons of names and values can be read here",
      { start: at, end: at + whole.length },
      SELECTION_EXAMPLE,
    );
  }
  let value = "";
  let place = at + whole.length;
  while (!text.startsWith(quote, place)) {
    if (place >= text.length) {
      throw new Mistake(
        "the selection cannot be read: unterminated string literal",
        { start: at, end: at + 1 },
        SELECTION_EXAMPLE,
      );
    }
    const [piece, read] =
      text[place] !== "\\" ? [text[place], text[place]] : kind === "r" ? raw(text, place) : escape(text, place);
    value += read;
    place += piece.length;
  }
  return { type: "text", text: text.slice(at, place + quote.length), value, start: at, end: place + quote.length };
}

/**
 * A backslash of a raw text stands for itself and keeps the quote behind it from ending the text.
 * @param {string} text
 * @param {number} at
 */
function raw(text, at) {
  const piece = text.slice(at, at + 2);
  return [piece, piece];
}

/**
 * A backslash and what follows, and the character they stand for.
 * @param {string} text
 * @param {number} at
 */
function escape(text, at) {
  const found = matched(ESCAPE, text, at);
  const wrong = () =>
    new Mistake(
      "the selection cannot be read: a backslash and nothing it can stand before",
      { start: at, end: at + 2 },
      "write \\\\ for a backslash",
    );
  if (!found) throw wrong();
  const [piece, octal, two, four, eight, other] = found;
  if (octal) return [piece, String.fromCharCode(parseInt(octal, 8))];
  if (two || four) return [piece, String.fromCharCode(parseInt(two || four, 16))];
  if (eight) {
    if (parseInt(eight, 16) > 0x10ffff) throw wrong();
    return [piece, String.fromCodePoint(parseInt(eight, 16))];
  }
  if ("xuUN".includes(other)) throw wrong();
  return [piece, PLAIN_ESCAPES[other] ?? piece];
}
