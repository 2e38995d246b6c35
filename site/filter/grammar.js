// Python's grammar, as much of it as selections use: a tree of nodes with the places they were read from.

import { KEYWORDS, Mistake, SELECTION_EXAMPLE, tokens } from "./tokens.js";

/**
 * `type` is name, value, list, attribute, index, call, minus, binary, compare, not, and, or. `parts` are the nodes
 * below it, `text` a name, an attribute or a sign, `signs` those of a chain, `height` how many nodes stand below it at
 * most. Parentheses are no nodes, and no part of the place of what they hold.
 * @typedef {{type: string, parts: Tree[], text: string, signs: string[], value: any, height: number, start: number, end: number, keywords: boolean}} Tree
 */

const MAX_PARENTHESES = 200; // as many as Python reads
const BINARY = /** @type {Record<string, number>} */ ({ "-": 1, "/": 2, "@": 2 }); // how tightly they bind
const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);
const ARITHMETIC = new Set(["+", "*", "%", "//", "**", "<<", ">>", "^", "~"]);
const ELSEWHERE = new Set(["if", "else", "for", "lambda", "await", "yield", "async", ":=", "*", "**", ":", "->", ";"]);

/**
 * The tree of *text*. Throws a Mistake for what Python cannot read, and for what no selection uses.
 * @param {string} text with no white space but spaces
 * @returns {Tree}
 */
export function tree(text) {
  const reader = new Reader(text);
  const found = reader.expression();
  const rest = reader.next;
  if (rest.text === ",") throw reader.foreign(rest);
  if (rest.type !== "end") throw reader.unexpected(rest);
  return found;
}

/** Reads one token after the other. A method for each level of Python's grammar, the loosest first. */
class Reader {
  /** @param {string} text */
  constructor(text) {
    this.tokens = tokens(text);
    this.place = 0;
    this.depth = 0;
  }

  get next() {
    return this.tokens[this.place];
  }

  /** @returns {Tree} */
  expression() {
    return this.joined("or", () => this.joined("and", () => this.negation()));
  }

  /**
   * @param {"and" | "or"} word
   * @param {() => Tree} part
   */
  joined(word, part) {
    const parts = [part()];
    while (this.accept(word)) parts.push(part());
    return parts.length === 1 ? parts[0] : node(word, parts, parts[0].start, parts[parts.length - 1].end);
  }

  /** @returns {Tree} */
  negation() {
    const start = this.next.start;
    if (!this.accept("not")) return this.comparison();
    const part = this.negation();
    return node("not", [part], start, part.end);
  }

  comparison() {
    const parts = [this.binary(1)];
    const signs = [];
    for (let sign = this.sign(); sign; sign = this.sign()) {
      signs.push(sign);
      parts.push(this.binary(1));
    }
    if (signs.length === 0) return parts[0];
    return node("compare", parts, parts[0].start, parts[parts.length - 1].end, { signs });
  }

  /** The comparison that stands here, or "". */
  sign() {
    if (COMPARISONS.has(this.next.text) && this.next.type === "sign") return this.take().text;
    if (this.accept("in")) return "in";
    if (this.accept("is")) return this.accept("not") ? "is not" : "is";
    if (this.next.text === "not" && this.tokens[this.place + 1].text === "in") {
      this.place += 2;
      return "not in";
    }
    return "";
  }

  /**
   * @param {number} tightness
   * @returns {Tree}
   */
  binary(tightness) {
    let left = this.unary();
    for (let binds = this.binds(); binds >= tightness; binds = this.binds()) {
      const sign = this.take().text;
      const right = this.binary(binds + 1);
      left = node("binary", [left, right], left.start, right.end, { text: sign });
    }
    if (ARITHMETIC.has(this.next.text)) throw this.arithmetic(left.start);
    return left;
  }

  binds() {
    return this.next.type === "sign" ? (BINARY[this.next.text] ?? 0) : 0;
  }

  /** @returns {Tree} */
  unary() {
    const start = this.next.start;
    if (this.next.text === "+" || this.next.text === "~") throw this.arithmetic(start);
    if (!this.accept("-")) return this.primary();
    const part = this.unary();
    return node("minus", [part], start, part.end);
  }

  primary() {
    let found = this.atom();
    for (;;) {
      const start = found.start;
      if (this.accept(".")) {
        const name = this.take();
        if (name.type !== "name" || KEYWORDS.has(name.text)) throw this.unexpected(name);
        found = node("attribute", [found], start, name.end, { text: name.text });
      } else if (this.next.text === "(") {
        const [parts, end, keywords] = this.arguments();
        found = node("call", [found, ...parts], start, end, { keywords });
      } else if (this.next.text === "[") {
        const [parts, end] = this.between("[", "]");
        if (parts.length !== 1) throw this.foreign({ start, end });
        found = node("index", [found, parts[0]], start, end);
      } else return found;
    }
  }

  atom() {
    const token = this.take();
    if (token.type === "number") return node("value", [], token.start, token.end, { value: token.value });
    if (token.type === "text") return this.text(token);
    if (token.type === "name" && !KEYWORDS.has(token.text))
      return node("name", [], token.start, token.end, { text: token.text });
    if (token.text in CONSTANTS && token.type === "name")
      return node("value", [], token.start, token.end, { value: CONSTANTS[token.text] });
    this.place -= 1;
    if (token.text === "[") return this.list("[", "]");
    if (token.text === "{") return this.list("{", "}");
    if (token.text === "(") return this.parenthesis();
    throw this.unexpected(token);
  }

  /** Texts that stand side by side are one. @param {import("./tokens.js").Token} first */
  text(first) {
    let [value, end] = [first.value, first.end];
    while (this.next.type === "text")
      ({ value, end } = ((token) => ({ value: value + token.value, end: token.end }))(this.take()));
    return node("value", [], first.start, end, { value });
  }

  parenthesis() {
    const start = this.next.start;
    const [parts, end, commas] = this.between("(", ")");
    return parts.length === 1 && commas === 0 ? parts[0] : node("list", parts, start, end);
  }

  /**
   * @param {string} open
   * @param {string} close
   */
  list(open, close) {
    const start = this.next.start;
    const [parts, end] = this.between(open, close);
    if (open === "{" && parts.length === 0) throw this.foreign({ start, end }); // a dict
    return node("list", parts, start, end);
  }

  /**
   * What stands between two brackets, where they end, and how many commas there are.
   * @param {string} open
   * @param {string} close
   * @returns {[Tree[], number, number]}
   */
  between(open, close) {
    const opening = this.take();
    this.depth += 1;
    if (this.depth > MAX_PARENTHESES)
      throw new Mistake("the selection is nested too deeply", opening, SELECTION_EXAMPLE);
    const parts = [];
    let commas = 0;
    while (this.next.text !== close || this.next.type !== "sign") {
      if (this.next.type === "end")
        throw new Mistake(`the selection cannot be read: '${open}' was never closed`, opening, SELECTION_EXAMPLE);
      parts.push(this.expression());
      if (this.accept(",")) commas += 1;
      else if (this.next.text !== close) break;
    }
    const end = this.expect(close, opening);
    this.depth -= 1;
    return [parts, end, commas];
  }

  /** @returns {[Tree[], number, boolean]} */
  arguments() {
    const opening = this.take();
    const parts = [];
    let keywords = false;
    while (this.next.text !== ")" || this.next.type !== "sign") {
      if (this.next.type === "name" && this.tokens[this.place + 1].text === "=") {
        this.place += 2;
        keywords = true;
      }
      parts.push(this.expression());
      if (!this.accept(",")) break;
    }
    return [parts, this.expect(")", opening), keywords];
  }

  take() {
    const token = this.next;
    if (token.type !== "end") this.place += 1;
    return token;
  }

  /** @param {string} text */
  accept(text) {
    const found = this.next.text === text && (this.next.type === "sign" || this.next.type === "name");
    if (found) this.place += 1;
    return found;
  }

  /**
   * @param {string} close
   * @param {import("./tokens.js").Token} opening
   */
  expect(close, opening) {
    const token = this.take();
    if (token.type === "end")
      throw new Mistake(`the selection cannot be read: '${opening.text}' was never closed`, opening, SELECTION_EXAMPLE);
    if (token.text !== close || token.type !== "sign") throw this.unexpected(token);
    return token.end;
  }

  /** @param {import("./tokens.js").Token} token */
  unexpected(token) {
    if (ELSEWHERE.has(token.text) && token.type !== "text") return this.foreign(token);
    const span = { start: token.start, end: Math.max(token.end, token.start + 1) };
    return new Mistake("the selection cannot be read: invalid syntax", span, SELECTION_EXAMPLE);
  }

  /** @param {{start: number, end: number}} span */
  foreign({ start, end }) {
    return new Mistake("only comparisons of names and values can be read here", { start, end }, SELECTION_EXAMPLE);
  }

  /** @param {number} start */
  arithmetic(start) {
    return new Mistake(
      "there is no arithmetic",
      { start, end: this.next.end },
      "a-b and a/b are names, written without spaces",
    );
  }
}

const CONSTANTS = /** @type {Record<string, any>} */ ({ None: null, True: true, False: false });

/**
 * @param {string} type
 * @param {Tree[]} parts
 * @param {number} start
 * @param {number} end
 * @param {Partial<Tree>} [more]
 * @returns {Tree}
 */
function node(type, parts, start, end, more) {
  const height = parts.reduce((most, part) => Math.max(most, part.height + 1), 0);
  return { type, parts, start, end, height, text: "", signs: [], value: null, keywords: false, ...more };
}
