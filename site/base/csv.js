// Comma-separated values (RFC 4180, as the command line writes them), and files that a page hands over.

import { unrounded } from "./aligned.js";
import { h } from "./dom.js";

/**
 * @param {(string | number | null)[][]} rows the first of them names the columns
 * @returns {string} NaN is `nan`, null is empty
 */
export function csvText(rows) {
  return rows.map((row) => row.map(csvCell).join(",") + "\n").join("");
}

/** @param {string | number | null} value */
function csvCell(value) {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** @typedef {import("../charts/lines.js").Line} Line */

/**
 * The points of *lines* in long form, with the columns of `spt metrics --points`, and what is drawn where that is not
 * the mean but smoothed.
 * @param {Line[]} lines
 * @param {{axis: string, smooth: boolean, run: (line: Line) => string, metric: (line: Line) => string}} of
 * @returns {(string | number | null)[][]}
 */
export function pointRows(lines, { axis, smooth, run, metric }) {
  /** @type {(string | number | null)[][]} */
  const rows = [["run_id", "metric", axis, "count", "mean", "min", "max", ...(smooth ? ["smoothed"] : [])]];
  for (const line of lines) {
    const { x, y, mean, min, max, count } = line;
    for (let at = 0; at < x.length; at += 1) {
      if (Number.isNaN(mean[at])) continue;
      const values = [unrounded(mean[at]), min ? min[at] : unrounded(mean[at]), max ? max[at] : unrounded(mean[at]), ...(smooth ? [y[at]] : [])];
      rows.push([run(line), metric(line), x[at], count ? count[at] : 1, ...values.map(plainNumber)]);
    }
  }
  return rows;
}

/** A float32 in the digits it has, not in those of the double that holds it: 0.1, not 0.10000000149011612. @param {number} value */
export function plainNumber(value) {
  return Number.isFinite(value) ? Number(value.toPrecision(7)) : value;
}

/**
 * Hands *content* to the reader as a file.
 * @param {Blob} content
 * @param {string} name what a file system cannot hold becomes `_`
 */
export function download(content, name) {
  const address = URL.createObjectURL(content);
  const link = h("a", { href: address, download: name.replace(/[^\w.-]+/g, "_") });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // some browsers begin to read after the click
}
