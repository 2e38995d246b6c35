// Escape sequences that set colours -> pieces of text with classes.

/** @typedef {{text: string, classes: string}} Piece */

const COLOURS = ["gray", "red", "green", "yellow", "blue", "magenta", "cyan", ""];
const STYLES = /** @type {Record<number, string>} */ ({
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
});
const ENDS = /** @type {Record<number, string[]>} */ ({
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
});

/**
 * The lines of *text* in pieces; a style lasts until it is ended, over lines too.
 * @param {string} text with `\x1b[…m` sequences
 * @returns {Piece[][]}
 */
export function colouredLines(text) {
  let style = { colour: "", marks: new Set() };
  return text.split("\n").map((line) => {
    /** @type {Piece[]} */
    const pieces = [];
    let at = 0;
    const add = (/** @type {number} */ end) => {
      const classes = [style.colour && `ansi-${style.colour}`, ...style.marks].filter(Boolean).join(" ");
      if (end > at) pieces.push({ text: line.slice(at, end), classes });
    };
    for (const found of line.matchAll(/\x1b\[([0-9;:]*)m/g)) {
      add(found.index);
      style = styled(style, found[1]);
      at = found.index + found[0].length;
    }
    add(line.length);
    return pieces;
  });
}

/**
 * @param {{colour: string, marks: Set<string>}} before
 * @param {string} codes
 */
function styled({ colour, marks }, codes) {
  const numbers = codes.split(/[;:]/).map(Number);
  marks = new Set(marks);
  for (let place = 0; place < numbers.length; place += 1) {
    const code = numbers[place];
    if (code === 0) [colour, marks] = ["", new Set()];
    else if (STYLES[code]) marks.add(STYLES[code]);
    else if (ENDS[code]) for (const mark of ENDS[code]) marks.delete(mark);
    else if (code >= 30 && code <= 37) colour = COLOURS[code - 30];
    else if (code >= 90 && code <= 97) colour = COLOURS[code - 90];
    else if (code === 39) colour = "";
    else if (code === 38 || code === 48 || code === 58) {
      const [taken, near] = extended(numbers.slice(place + 1));
      if (code === 38) colour = near;
      place += taken;
    }
  }
  return { colour, marks };
}

/**
 * How many numbers name a colour after 38, and the one of ours that is near it.
 * @param {number[]} rest
 * @returns {[number, string]}
 */
function extended([kind, ...rest]) {
  if (kind === 5) {
    const number = rest[0] ?? 0;
    if (number < 16) return [2, COLOURS[number % 8]];
    if (number >= 232) return [2, "gray"];
    const cube = number - 16;
    return [2, nearColour(Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51)];
  }
  return kind === 2 ? [4, nearColour(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0)] : [1, ""];
}

/**
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 */
function nearColour(red, green, blue) {
  const [low, high] = [Math.min(red, green, blue), Math.max(red, green, blue)];
  if (high - low < 40) return high > 200 ? "" : "gray";
  const middle = (low + high) / 2;
  return COLOURS[(red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0)];
}
