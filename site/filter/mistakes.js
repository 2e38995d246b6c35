// What to say of a selection that cannot be read: the place, and what to write instead. As spt_cli/choice/mistakes.py.

import { tree } from "./grammar.js";
import { KEYWORDS, Mistake, SELECTION_EXAMPLE } from "./tokens.js";

/**
 * `hparams["key"]`, which any *key* can be written as.
 * @param {string} kind
 * @param {string} key
 */
export function subscript(kind, key) {
  const plain = key.replace(/["\\]/g, "\\$&").replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (character) => {
    const code = /** @type {number} */ (character.codePointAt(0));
    if (code > 0xffff) return "\\U" + code.toString(16).padStart(8, "0");
    return code > 0xff ? "\\u" + code.toString(16).padStart(4, "0") : "\\x" + code.toString(16).padStart(2, "0");
  });
  return `${kind}["${plain}"]`;
}

const QUOTED = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?/g;
const PIECES = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[^\s()[\]{},<>=!&|"'\u201c\u201d\u2018\u2019]+/g;
const SLIPS = /** @type {[RegExp, string][]} */ ([
  [/[&|]/, "`and`, `or` and `not` are words here"],
  [/(?<![<>=!])=(?!=)/, "`==` compares"],
  [/!(?!=)/, "`and`, `or` and `not` are words here"],
  [/[\u201c\u201d\u2018\u2019]/, "texts stand in straight quotes"],
  [/<>/, "`!=` is the other of `==`"],
]);
const TIME = /^(?:[0-9.]+(?:ms|[smhd])|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.+-]*Z?)?)$/;
const GLUE = new Set(["and", "or", "not", "in", "is"]);

/**
 * What to say of a *source* that is no Python: first the usual suspects, else what the grammar said.
 * @param {string} source
 * @param {Mistake} error
 */
export function misread(source, error) {
  if (!error.message.startsWith("the selection cannot be read") || error.advice !== SELECTION_EXAMPLE) return error;
  for (const { 0: word, index } of source.matchAll(PIECES)) {
    if (!`"'`.includes(word[0]) && !GLUE.has(word) && !isReadable(word)) {
      return new Mistake(
        `${word} cannot stand as a name`,
        { start: index, end: index + word.length },
        inQuotes(word) || explicit(word),
      );
    }
  }
  const unquoted = source.replace(QUOTED, "");
  const slip = SLIPS.find(([sign]) => sign.test(unquoted));
  return new Mistake(error.message, error, slip ? slip[1] : error.advice);
}

/** Whether *word* can be read by itself; what holds no letter is no name. @param {string} word */
function isReadable(word) {
  if (KEYWORDS.has(word)) return ["None", "True", "False"].includes(word);
  try {
    tree(word);
    return true;
  } catch (error) {
    return error instanceof Mistake && (error.message === "there is no arithmetic" || !/\p{L}/u.test(word));
  }
}

/** @param {string} word */
export function inQuotes(word) {
  return TIME.test(word) ? `a time stands in quotes: "${word}"` : "";
}

/** @param {string} name */
export function explicit(name) {
  return `write ${subscript("hparams", name)} or ${subscript("summary", name)}`;
}
