// A piece of a run's line, beside its name.

import { svg } from "./dom.js";

/**
 * @param {{color: string, dash: number[]}} style
 * @returns {SVGElement}
 */
export function lineSwatch({ color, dash }) {
  const line = svg("line", { x1: 0, y1: 4, x2: 22, y2: 4, stroke: color, "stroke-width": 3, "stroke-dasharray": dash.join(" ") || null });
  return svg("svg", { class: "line-swatch", width: 22, height: 8, "aria-hidden": "true" }, line);
}
