// Numbers of curves in few digits: as many as they have, and alike where they stand below each other.

import { measure } from "./format.js";

/**
 * *values* with one number of decimals, four significant digits in the largest: 0.8550 above 0.8508. Where they lie too
 * far apart for that, each as `measure` writes it.
 * @param {number[]} values
 * @returns {string[]}
 */
export function alignedMeasures(values) {
  const sizes = values.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  const [least, largest] = [Math.min(...sizes), Math.max(...sizes)];
  if (!sizes.length || largest >= 1e6 || largest < 1e-3 || largest / least > 1000) return values.map(measure);
  if (values.every(Number.isInteger)) return values.map(String);
  const decimals = Math.max(3 - Math.floor(Math.log10(largest)), 0);
  return values.map((value) => (Number.isFinite(value) ? value.toFixed(decimals) : measure(value)));
}

const MANTISSA_BITS = 12; // of the means in a page (docs/page-data.md)

/**
 * The number of fewest digits that rounding to the page's 12 bits makes *value*: 0.82 of 0.8199463.
 * @param {number} value
 * @returns {number}
 */
export function unrounded(value) {
  if (!Number.isFinite(value) || value === 0) return value;
  const half = 2 ** (Math.floor(Math.log2(Math.abs(value))) - MANTISSA_BITS) / 2;
  for (let digits = 1; digits < 6; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.abs(short - value) <= half) return short;
  }
  return value;
}
