// A piece of a run's line, beside its name.

import { svg } from "./dom.js";

/** @typedef {{color: string, dash: number[]}} LineStyle */

/**
 * @param {LineStyle} style
 * @returns {SVGElement}
 */
export function lineSwatch(style) {
  const line = svg("line", { x1: 0, y1: 4, x2: 22, y2: 4, "stroke-width": 3 });
  const element = svg("svg", { class: "line-swatch", width: 22, height: 8, "aria-hidden": "true" }, line);
  styleSwatch(element, style);
  return element;
}

/**
 * The same piece for another line.
 * @param {SVGElement} swatch
 * @param {LineStyle} style
 */
export function styleSwatch(swatch, { color, dash }) {
  const line = /** @type {SVGElement} */ (swatch.firstElementChild);
  line.setAttribute("stroke", color);
  line.setAttribute("stroke-dasharray", dash.join(" ") || "none");
}
