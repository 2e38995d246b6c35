// Numbers that stand below each other.

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
