// What all charts have in common: the axis, logarithms, smoothing, which metrics, the zoom.

import { fill, h, show, write } from "../base/dom.js";

const AXES = { step: "step", epoch: "epoch", time: "time since start" };

/** @param {import("../page/page.js").Page} page */
export function curvesToolbar(page) {
  const set = (/** @type {any} */ patch) => page.store.set(patch);
  const check = (/** @type {"logx" | "logy"} */ key, /** @type {string} */ text) => {
    const box = h("input", { type: "checkbox", onchange: () => set({ [key]: box.checked }) });
    return { box, label: h("label", null, box, " ", text) };
  };
  const x = h("select", {
    "aria-label": "x axis",
    onchange: () => set({ x: x.value, zoom: page.store.get().zoom.filter((part) => !part.startsWith("x:")) }),
  }); // prettier-ignore
  const option = (/** @type {string} */ axis) => h("option", { value: axis }, AXES[/** @type {keyof typeof AXES} */ (axis)]);
  const [logx, logy] = [check("logx", "log x"), check("logy", "log y")];
  const smooth = h("input", { type: "range", min: 0, max: 0.99, step: 0.01, oninput: () => set({ smooth: Number(smooth.value) }) });
  const amount = h("output", null);
  const filter = h("input", {
    type: "search", placeholder: "filter metrics, e.g. val/|loss$", "aria-label": "filter metrics by a regular expression", spellcheck: "false",
    oninput: () => set({ metricFilter: filter.value }),
  }); // prettier-ignore
  const wrong = h("p", { class: "problem", role: "alert", hidden: true });
  const combining = h("span", { class: "curve-combining", hidden: true });
  const reset = h("button", { type: "button", hidden: true, onclick: () => set({ zoom: [] }) }, "whole range");
  const element = h("div", { class: "curve-toolbar", role: "group", "aria-label": "charts" },
    h("label", null, "x ", x), logx.label, logy.label,
    h("label", { class: "curve-smooth" }, "smooth ", smooth, " ", amount),
    filter, reset, combining, wrong,
  ); // prettier-ignore

  return {
    element,
    /** @param {import("../page/state.js").State} state @param {import("./card.js").Shared} shared */
    update(state, { axis, axes }) {
      if (axes.length !== x.options.length) fill(x, ...axes.map(option));
      x.value = axis;
      logx.box.checked = state.logx;
      logy.box.checked = state.logy;
      if (Number(smooth.value) !== state.smooth) smooth.value = String(state.smooth);
      write(amount, state.smooth.toFixed(2));
      if (filter.value !== state.metricFilter) filter.value = state.metricFilter;
      const mistake = mistakeIn(state.metricFilter);
      write(wrong, mistake);
      show(wrong, mistake !== "");
      filter.setAttribute("aria-invalid", String(mistake !== ""));
      show(reset, state.zoom.length > 0);
      write(combining, `${state.combine[0]} is drawn with the next metric that you combine`);
      show(combining, state.combine.length === 1);
    },
  };
}

/** What is wrong with a regular expression; "" when nothing is. @param {string} text */
function mistakeIn(text) {
  try {
    new RegExp(text, "i");
    return "";
  } catch (error) {
    return `not a regular expression: ${String(error instanceof Error ? error.message : error).replace(/^Invalid regular expression: /, "")}`;
  }
}
