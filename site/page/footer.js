// What the page leaves out, and what its numbers are.

import { h } from "../base/dom.js";
import { printable } from "../base/format.js";

/** @param {import("./page.js").Page} page */
export function footerElement({ report, live }) {
  const long = live || report.metrics.some((/** @type {any} */ metric) => !metric.exact);
  const means = `Long curves are means of at most ${report.points} equal buckets${live ? ", a part that is zoomed of narrower ones" : ""}.`;
  return h(
    "footer",
    { class: "foot" },
    ...report.left_out.map((/** @type {string} */ line) =>
      h("p", { class: "left-out" }, `Left out: ${printable(line)}.`),
    ),
    ...report.redacted.map((/** @type {string} */ line) =>
      h("p", { class: "left-out" }, `Removed: ${printable(line)}.`),
    ),
    h(
      "p",
      null,
      `${long ? `${means} ` : ""}${report.rounding ? `${sentence(printable(report.rounding))} ` : ""}Exact values stand in each run's metrics.csv.`,
    ),
  );
}

/** @param {string} text */
function sentence(text) {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
