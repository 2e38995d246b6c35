// What the colours of a plot mean.

import { h } from "../base/dom.js";
import { measure, printable } from "../base/format.js";
import { shade } from "./shades.js";

/**
 * @param {import("./fields.js").Field | null} field
 * @param {{key: {color: string, text: string}[], range?: [number, number] | null}} colours
 * @param {boolean} dark
 * @returns {HTMLElement | null}
 */
export function colourKey(field, { key, range }, dark) {
  if (!field) return null;
  if (field.words) {
    const items = key.map(({ color, text }) => h("li", null, h("span", { class: "shade-dot", style: { background: color } }), ` ${printable(text)}`));
    return h("ul", { "aria-label": `colours of ${field.title}` }, ...items);
  }
  if (!range) return null;
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => shade(share, dark)).join(", ");
  return h("p", null, `${printable(field.title)} ${measure(range[0])} `, h("span", { class: "shade-bar", style: { background: `linear-gradient(to right, ${stops})` } }), ` ${measure(range[1])}`);
}
