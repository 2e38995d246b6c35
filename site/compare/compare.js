// The view Compare: what makes a run good, by any two properties, and by many at once.

import { h, show } from "../base/dom.js";
import { createParallel } from "./parallel.js";
import { createScatter } from "./scatter.js";
import { unhurried } from "../base/unhurried.js";

const CONCERNED = new Set(["selected", "metric", "goal", "filter", "scatter", "parallel", "theme", "dark"]);

/**
 * @param {import("../page/page.js").Page} page
 * @returns {import("../page/page.js").View}
 */
export function compareView(page) {
  const scatter = createScatter(page);
  const parallel = createParallel(page);
  const nothing = h("p", { class: "note" }, "Nothing to compare: there are no metrics, or no hparams that differ.");
  const element = h("section", { class: "compare", "aria-label": "Compare" }, h("h3", null, "Scatter"), scatter.element, h("h3", null, "Parallel coordinates"), parallel.element, nothing);
  const draw = () => {
    const state = page.store.get();
    scatter.update(state);
    parallel.update(state);
    for (const part of [scatter, parallel]) show(/** @type {HTMLElement} */ (part.element.previousElementSibling), !part.element.hidden);
    show(nothing, scatter.element.hidden && parallel.element.hidden);
  };
  const soon = unhurried(element, draw);
  return {
    element,
    update(_, changed) {
      if (!changed || [...changed].some((key) => CONCERNED.has(key))) draw();
      else if (changed.has("runs") || changed.has("facts")) soon();
    },
  };
}
