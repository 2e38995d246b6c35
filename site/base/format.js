// Numbers, times and sizes in few characters, as the tables of the command line write them (spt_cli/words/text.py).

/**
 * A metric with four significant digits, whole where it is large: `0.4567`, `12346`, `1.235e+8`.
 * @param {number | null | undefined} value
 */
export function measure(value) {
  if (value === null || value === undefined) return "";
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return String(value);
  if (size >= 1e4 && size < 1e7) return value.toFixed(0);
  return shortest(value, 4);
}

/**
 * An hparam or a summary value as a person typed it.
 * @param {any} value a JSON scalar, or a list of them
 * @returns {string}
 */
export function scalar(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(scalar).join(", ");
  if (typeof value === "number" && (String(value).length > 9 || (value !== 0 && Math.abs(value) < 1e-4)))
    return shortest(value, 6);
  return String(value);
}

/**
 * A count in few characters: `812`, `48.0k`, `63.1M`.
 * @param {number} number
 */
export function count(number) {
  if (number < 10_000) return String(number);
  for (const [unit, size] of /** @type {[string, number][]} */ ([
    ["k", 1e3],
    ["M", 1e6],
    ["G", 1e9],
  ])) {
    if (number < size * 999.5) return (number / size).toPrecision(3) + unit;
  }
  return number.toExponential(2);
}

/**
 * `1 run`, `1,200 runs`.
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function plural(number, one, many) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : (many ?? one + "s")}`;
}

/**
 * Bytes: `812 B`, `1.4 kB`.
 * @param {number} bytes
 */
export function size(bytes) {
  let [number, unit] = [bytes, "B"];
  for (const larger of ["kB", "MB", "GB", "TB"]) {
    if (number < 999.5) break;
    [number, unit] = [number / 1000, larger];
  }
  return `${unit === "B" || number >= 9.95 ? number.toFixed(0) : number.toFixed(1)} ${unit}`;
}

/**
 * A length of time in at most two units: `0.4s`, `12s`, `5m 03s`, `3h 12m`, `2d 4h`, `310d`.
 * @param {number | null | undefined} seconds
 */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  if (seconds > 0 && seconds < 1) return `${Math.max(seconds, 0.1).toFixed(1)}s`;
  const whole = Math.floor(Math.max(seconds, 0));
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
  const days = Math.floor(whole / 86400);
  return days < 10 ? `${days}d ${Math.floor((whole % 86400) / 3600)}h` : `${days}d`;
}

/**
 * How long ago, in the largest unit that it holds twice: `90s`, `5m`, `3h`, `2d`.
 * @param {number | null | undefined} seconds
 */
export function ago(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  for (const [unit, length] of /** @type {[string, number][]} */ ([
    ["y", 31536000],
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
  ])) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)}${unit}`;
  }
  return `${Math.floor(Math.max(seconds, 0))}s`;
}

/**
 * A moment in the reader's zone: `2026-11-23 06:48:38`.
 * @param {number | null | undefined} seconds s since 1970
 */
export function when(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = [String(date.getFullYear()).padStart(4, "0"), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/**
 * *text* with what could reorder it or cannot be seen written out: `\x1b`, `\u202e`.
 * @param {string} text
 */
export function printable(text) {
  return text.replace(HARMFUL, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 0xdc80 && code <= 0xdcff) return "\\x" + (code - 0xdc00).toString(16); // a byte that was not UTF-8
    const named = /** @type {Record<number, string>} */ ({ 9: "\\t", 10: "\\n", 13: "\\r" })[code];
    return (
      named ?? (code < 256 ? "\\x" + code.toString(16).padStart(2, "0") : "\\u" + code.toString(16).padStart(4, "0"))
    );
  });
}

const HARMFUL =
  /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * *value* in *digits* significant digits, without the zeros at its end.
 * @param {number} value
 * @param {number} digits
 */
function shortest(value, digits) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 10 ** digits)) {
    return value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, "e")
      .replace(/e([+-])(\d)$/, "e$10$2");
  }
  return String(Number(value.toPrecision(digits)));
}
