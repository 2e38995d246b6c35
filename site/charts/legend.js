// The selected runs with their lines; one that is chosen here stays in front of all charts.

import { fill, h } from "../base/dom.js";
import { lineSwatch } from "../base/swatch.js";

const IN_LEGEND = 24; // more are told apart in the table

/**
 * @param {{onfocus: (run: number) => void, name: (run: number) => string}} options
 */
export function createLegend({ onfocus, name }) {
  const element = h("ul", { class: "curve-legend", "aria-label": "selected runs" });
  /** @type {Map<number, HTMLElement>} */
  let buttons = new Map();
  let shown = "";
  return {
    element,
    /** @param {number[]} runs @param {(run: number) => {color: string, dash: number[]} | null} style */
    update(runs, style) {
      const next = JSON.stringify(runs.map((run) => [run, name(run), style(run)]));
      if (next === shown) return; // one of them may have the focus
      shown = next;
      buttons = new Map(
        runs.slice(0, IN_LEGEND).map((run) => {
          const look = style(run) ?? { color: "gray", dash: [] };
          const props = { type: "button", class: "slight", "aria-pressed": "false", title: "Keep in front", onclick: () => onfocus(run) };
          return [run, h("button", props, lineSwatch(look), " ", name(run))];
        }),
      );
      const items = [...buttons.values()].map((button) => h("li", null, button));
      fill(element, ...items, runs.length > IN_LEGEND && h("li", { class: "curve-more" }, `and ${runs.length - IN_LEGEND} more`));
    },
    /** @param {number | null} pinned */
    mark(pinned) {
      for (const [run, button] of buttons) button.setAttribute("aria-pressed", String(run === pinned));
    },
  };
}
