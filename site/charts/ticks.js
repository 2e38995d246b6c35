// Where an axis has its ticks and what stands beside them: round numbers, and one way to write all of an axis.

/** @typedef {"number" | "whole" | "time"} Kind what an axis holds; times are seconds */
/** @typedef {{at: number[], texts: string[]}} Ticks */

/**
 * At most *most* ticks from *low* to *high*, both included.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 * @param {{log?: boolean, kind?: Kind}} [axis]
 * @returns {Ticks}
 */
export function ticks(low, high, most, { log = false, kind = "number" } = {}) {
  if (!(Number.isFinite(low) && Number.isFinite(high) && high > low) || most < 1) return { at: [], texts: [] };
  if (log && low > 0 && Math.log10(high / low) > 1) return logTicks(low, high, most);
  if (kind === "time") return timeTicks(low, high, most);
  const least = (high - low) / most;
  const step = roundStep(kind === "whole" && high - low > 1 ? Math.max(least, 1) : least);
  const at = multiples(step, low, high).filter((tick) => !log || tick > 0);
  return { at, texts: numberTexts(at, step) };
}

/**
 * The smallest of 1, 2 and 5 times a power of ten that is at least *least*.
 * @param {number} least
 */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
  return power * ([1, 2, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10);
}

/** @param {number} step @param {number} low @param {number} high */
function multiples(step, low, high) {
  const found = [];
  const slack = 1e-9; // of a step: 0.3 / 0.1 is 2.9999999999999996
  for (let factor = Math.ceil(low / step - slack); factor <= high / step + slack; factor += 1) {
    found.push(Number((factor * step).toPrecision(12)) + 0); // + 0: no -0
    if (found.length > 1000) break;
  }
  return found;
}

/**
 * One unit and one number of decimals for all.
 * @param {number[]} at
 * @param {number} step
 * @returns {string[]}
 */
function numberTexts(at, step) {
  const largest = Math.max(...at.map(Math.abs), 0);
  if (largest === 0) return at.map(() => "0");
  if (largest < 1e-3 || largest >= 1e15) return at.map(exponentials(Math.floor(Math.log10(largest) + 1e-9), step));
  const [unit, size] = largest >= 1e12 ? ["T", 1e12] : largest >= 1e9 ? ["G", 1e9] : largest >= 1e6 ? ["M", 1e6] : largest >= 1e4 ? ["k", 1e3] : ["", 1];
  const decimals = decimalPlaces(step / Number(size));
  if (unit && decimals > 2) return at.map((tick) => tick.toFixed(decimalPlaces(step))); // zoomed deep: 1234570, not 1234.57k
  return at.map((tick) => (tick === 0 ? "0" : (tick / Number(size)).toFixed(decimals) + unit));
}

/** @param {number} exponent @param {number} step @returns {(tick: number) => string} */
function exponentials(exponent, step) {
  const decimals = decimalPlaces(step / 10 ** exponent);
  return (tick) => (tick === 0 ? "0" : `${(tick / 10 ** exponent).toFixed(decimals)}e${exponent}`);
}

/** Decimals that multiples of *step* need. @param {number} step */
function decimalPlaces(step) {
  return Math.min(Math.max(-Math.floor(Math.log10(step) + 1e-9), 0), 15);
}

/** Powers of ten; between them 2 and 5 where there is room. @param {number} low @param {number} high @param {number} most */
function logTicks(low, high, most) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const powers = Math.max(last - first + 1, 1);
  const stride = Math.max(Math.ceil(powers / most), 1);
  const digits = powers * 3 <= most ? [1, 2, 5] : [1];
  const at = [];
  for (let power = first - 1; power <= last; power += 1) {
    if ((power - first) % stride !== 0) continue;
    for (const digit of digits) {
      const tick = Number(`${digit}e${power}`);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) at.push(tick);
    }
  }
  const plain = at.every((tick) => tick >= 1e-3 && tick < 1e6);
  const text = (/** @type {number} */ tick) => (tick >= 1e4 ? `${tick / 1e3}k` : String(tick));
  return { at, texts: at.map(plain ? text : (tick) => tick.toExponential().replace("e+", "e")) };
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY]; // prettier-ignore

/** @param {number} low @param {number} high @param {number} most @returns {Ticks} */
function timeTicks(low, high, most) {
  const least = (high - low) / most;
  const round = least > DAY ? DAY * roundStep(least / DAY) : least < 1 ? roundStep(least) : 0;
  const step = round || /** @type {number} */ (TIME_STEPS.find((one) => one >= least));
  const [unit, size] = step >= DAY ? ["d", DAY] : step >= HOUR ? ["h", HOUR] : step >= MINUTE ? ["min", MINUTE] : ["s", 1];
  const decimals = unit === "s" ? decimalPlaces(step) : 0;
  const at = multiples(step, low, high);
  if (unit === "min" && high > 2 * HOUR) return { at, texts: at.map(clockText) };
  return { at, texts: at.map((tick) => (tick === 0 ? "0" : `${(tick / Number(size)).toFixed(decimals)} ${unit}`)) };
}

/** `1h45`. @param {number} seconds */
function clockText(seconds) {
  return `${Math.floor(seconds / HOUR)}h${String(Math.round((seconds % HOUR) / MINUTE)).padStart(2, "0")}`;
}
