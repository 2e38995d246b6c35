// What a log says, for people: lines whose progress bars are collapsed, without what acts on a terminal.
//
// As spt_cli has it for exported pages and the command line; tests/data/log-corpus.json holds both to the same.

const [LINE_FEED, RETURN] = [10, 13];
const NO_BYTES = new Uint8Array(0);

/** @typedef {{bytes: Uint8Array, end: number}} EndedLine a line without its newline, and where in the piece it ended */

/**
 * Bytes of a log in, lines out, whatever the pieces they come in: of `10%\r20%\r` the last state that is not empty. Of
 * a state longer than *maxLine* bytes the beginning is kept, and the line says how much was left out.
 * @param {number} maxLine
 */
export function lineBuffer(maxLine) {
  let state = NO_BYTES; // since the last \r or \n
  let dropped = 0; // bytes of that state beyond maxLine
  let before = NO_BYTES; // the last state that was not empty and ended in \r

  const extend = (/** @type {Uint8Array} */ piece) => {
    const room = Math.max(maxLine - state.length, 0);
    if (room && piece.length) state = joined(state, piece.subarray(0, room));
    dropped += Math.max(piece.length - room, 0);
  };
  const pending = () => {
    if (!state.length) return before;
    return dropped ? joined(state, new TextEncoder().encode(`[… ${dropped.toLocaleString("en")} bytes left out]`)) : state;
  };
  const restart = (/** @type {Uint8Array} */ next) => {
    before = pending();
    [state, dropped] = [NO_BYTES, 0];
    extend(next);
  };
  const add = (/** @type {Uint8Array} */ piece) => {
    const end = piece.lastIndexOf(RETURN);
    if (end >= 0) {
      const first = piece.indexOf(RETURN);
      extend(piece.subarray(0, first));
      restart(lastState(piece.subarray(first + 1, Math.max(end, first + 1))));
      restart(NO_BYTES);
    }
    extend(piece.subarray(end + 1));
  };

  return {
    /** The lines that *data* ends. @param {Uint8Array} data */
    feed(data) {
      /** @type {EndedLine[]} */
      const ended = [];
      let at = 0;
      for (let end = data.indexOf(LINE_FEED); end >= 0; end = data.indexOf(LINE_FEED, at)) {
        add(data.subarray(at, end));
        at = end + 1;
        ended.push({ bytes: pending(), end: at });
        [state, dropped, before] = [NO_BYTES, 0, NO_BYTES];
      }
      add(data.subarray(at));
      return ended;
    },
    /** The line that has no newline yet, as it stands: a progress bar's present state. */
    pending,
  };
}

/** The last of the states that are not empty, between carriage returns. @param {Uint8Array} states */
function lastState(states) {
  let end = states.length;
  while (end > 0 && states[end - 1] === RETURN) end -= 1;
  return states.subarray(states.subarray(0, end).lastIndexOf(RETURN) + 1, end);
}

/**
 * *bytes* decoded as UTF-8 with replacement, without control characters but line feeds and tabs; escape sequences go
 * as a whole. Those that only set colours and weights stay where *colours* are wanted, and are reset at the end.
 * @param {Uint8Array} bytes
 * @param {boolean} [colours]
 */
export function cleanText(bytes, colours = false) {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (PLAIN.test(text)) return text;
  const kept = text.replace(ACTING, (_, colour) => (colours && colour) || "");
  return kept.includes("\x1b") && !kept.endsWith(RESET) ? kept + RESET : kept;
}

const PLAIN = /^[\x20-\x7e]*$/;
const RESET = "\x1b[0m";
// ECMA-48 5.3 to 5.6 and 8.3. A sequence that breaks off, at the end or at a control character, goes as far as it got.
const ACTING = new RegExp(
  [
    "(\\x1b\\[[0-9;:]*m)", // colours
    "(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?", // CSI
    "(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?", // OSC DCS SOS PM APC
    "\\x1b[ -/]*[0-~]?", // all others
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]",
  ].join("|"),
  "g",
);

/**
 * @param {Uint8Array} first
 * @param {Uint8Array} second
 */
function joined(first, second) {
  if (!first.length) return second.slice(); // a copy: what comes in may be a part of megabytes
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
