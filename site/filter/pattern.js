// Python's regular expressions in the browser's: what both know means the same, the rest is refused.

// What Python writes another way, and classes that know more than ASCII there.
const TRANSLATED = /** @type {Record<string, string>} */ ({
  "\\A": "(?<![\\s\\S])",
  "\\Z": "(?![\\s\\S])",
  "\\d": "\\p{Nd}",
  "\\D": "\\P{Nd}",
  "\\w": "[\\p{L}\\p{N}_]",
  "\\W": "[^\\p{L}\\p{N}_]",
  "\\b": "(?:(?<![\\p{L}\\p{N}_])(?=[\\p{L}\\p{N}_])|(?<=[\\p{L}\\p{N}_])(?![\\p{L}\\p{N}_]))",
  "\\B": "(?:(?<![\\p{L}\\p{N}_])(?![\\p{L}\\p{N}_])|(?<=[\\p{L}\\p{N}_])(?=[\\p{L}\\p{N}_]))",
  "\\a": "\\x07",
  $: "(?=\\n?(?![\\s\\S]))", // before a line feed at the end, too
});
const WITHIN = /** @type {Record<string, string>} */ ({ ...TRANSLATED, "\\b": "\\x08" }); // a class may stand in a class
const GROUP = /^\((?:\?(?:P<([A-Za-z_]\w*)>|P=([A-Za-z_]\w*)\)|(?::|=|!|<=|<!)))?/;
const FLAGS = /^\(\?([aimsux]+)\)/;

/**
 * What *pattern* means to Python's `re`. Throws an Error for what it or the browser cannot read.
 * @param {string} pattern
 */
export function patternOf(pattern) {
  const asked = FLAGS.exec(pattern);
  const flags = asked ? asked[1].replace(/[au]/g, "") : "";
  if (flags.includes("x")) throw new Error("no browser knows the flag x");
  const rest = asked ? pattern.slice(asked[0].length) : pattern;
  return new RegExp(translated(rest, flags.includes("m")), `v${[...new Set(flags)].join("")}`);
}

/**
 * @param {string} pattern
 * @param {boolean} lines whether `$` stands for the end of any line
 */
function translated(pattern, lines) {
  let [made, at] = ["", 0];
  while (at < pattern.length) {
    const [piece, said] = translatedPiece(pattern.slice(at), lines);
    made += said;
    at += piece.length;
  }
  return made;
}

/**
 * The first piece of *rest*, and how it is written here.
 * @param {string} rest
 * @param {boolean} lines
 * @returns {string[]}
 */
function translatedPiece(rest, lines) {
  const piece = first(rest);
  if (piece === "[") return classOf(rest);
  if (piece === "(") return groupOf(rest);
  if (piece === "$" && lines) return ["$", "$"];
  if (piece[0] === "\\") return [piece, TRANSLATED[piece] ?? escapeOf(piece)];
  if (piece === "$") return ["$", TRANSLATED.$];
  if (piece === "{" && /^\{(?:\d+(?:,\d*)?|,\d+)\}/.test(rest)) return repetition(rest);
  if ("{}]".includes(piece)) return [piece, `\\${piece}`]; // stands for itself
  if ("*+?".includes(piece) && rest[1] === "+") throw new Error("no browser knows possessive repetition");
  return [piece, piece];
}

/** A character, with a backslash before it both. @param {string} rest */
function first(rest) {
  const [head, next = ""] = rest.slice(0, 3);
  return head === "\\" ? head + next : head;
}

/** `[…]`: a `]` at its beginning stands for itself, and so does all that only browsers read. @param {string} rest */
function classOf(rest) {
  const head = /^\[\^?\]?/.exec(rest)?.[0] ?? "[";
  let made = head.replace("]", "\\]");
  let at = head.length;
  let set = false; // a class such as \w has no range behind it
  while (rest[at] !== "]") {
    if (at >= rest.length) throw new Error("unterminated character set");
    const piece = first(rest.slice(at));
    const escaped =
      piece[0] === "\\"
        ? (WITHIN[piece] ?? escapeOf(piece))
        : /^[&!#%,:;<=>@`~(){}/|[^$*+?.]$/.test(piece)
          ? `\\${piece}`
          : piece;
    const last = rest[at + 1] === "]" || at === head.length;
    made += piece === "-" && (last || set || /^-\\[dwsDWS]/.test(rest.slice(at))) ? "\\-" : escaped;
    set = /^\\[dwsDWS]$/.test(piece);
    at += piece.length;
  }
  return [rest.slice(0, at + 1), `${made}]`];
}

/** `{,3}` is `{0,3}`. @param {string} rest */
function repetition(rest) {
  const piece = rest.slice(0, rest.indexOf("}") + 1);
  if (rest[piece.length] === "+") throw new Error("no browser knows possessive repetition");
  if (piece.match(/\d+/g)?.some((number) => Number(number) >= 2 ** 32 - 1))
    throw new Error("the repetition number is too large");
  return [piece, piece.replace("{,", "{0,")];
}

/** @param {string} rest */
function groupOf(rest) {
  const found = GROUP.exec(rest);
  if (!found || (found[0] === "(" && rest[1] === "?")) throw new Error("no browser knows this kind of group");
  const [piece, name, again] = found;
  return [piece, name ? `(?<${name}>` : again ? `\\k<${again}>` : piece];
}

/** Letters that mean nothing are mistakes, other characters stand for themselves. @param {string} piece */
function escapeOf(piece) {
  const character = piece.slice(1);
  if (character === "") throw new Error("bad escape (end of pattern)");
  if (/[nrtfvsSxu1-9]/.test(character)) return piece;
  if (/[A-Za-z]/.test(character)) throw new Error(`bad escape ${piece}`);
  if (character === "0") return "\\x00";
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? piece : character === "-" ? "\\x2d" : character;
}
