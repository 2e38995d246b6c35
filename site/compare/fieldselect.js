// A list to choose one property of runs from.

import { h } from "../base/dom.js";
import { printable } from "../base/format.js";
import { fieldChoices } from "./fields.js";

/**
 * @param {import("../page/page.js").Page} page
 * @param {{label: string, none?: string, onchange: (id: string) => void}} options *none*: what choosing nothing is called
 * @returns {{element: HTMLElement, set: (id: string) => void}}
 */
export function fieldSelect(page, { label, none, onchange }) {
  const text = (/** @type {string} */ id) => printable(id.slice(id.indexOf(":") + 1));
  const groups = fieldChoices(page).map(({ title, ids }) =>
    h("optgroup", { label: title }, ...ids.map((id) => h("option", { value: id }, text(id)))),
  );
  const select = h("select", { "aria-label": label, onchange: () => onchange(select.value) }, none !== undefined && h("option", { value: "" }, none), ...groups);
  return {
    element: select,
    set(id) {
      if (select.value !== id) select.value = id;
    },
  };
}
