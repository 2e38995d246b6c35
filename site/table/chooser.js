// The column chooser: a list to search and tick.

import { allColumns, columnNamed, usualColumns } from "./columns.js";
import { fill, h, write } from "../base/dom.js";
import { printable } from "../base/format.js";
import { popover } from "../base/popover.js";

const LISTED = 200; // names listed of a kind; more are found by searching

/**
 * @param {import("../page/page.js").Page} page
 * @param {() => string[]} shown names of the columns that are shown now
 */
export function chooserView(page, shown) {
  const { store } = page;
  const list = h("div", { class: "panel-list" });
  const search = h("input", {
    type: "search",
    "aria-label": "Search columns",
    placeholder: "search columns",
    oninput: () => draw(),
  });
  const usual = h(
    "button",
    { type: "button", title: "as many of the usual columns as fit", onclick: () => store.set({ columns: [] }) },
    "Usual",
  );
  const head = h("div", { class: "panel-head" }, search, usual);
  const panel = h("div", { class: "panel", role: "dialog", "aria-label": "Columns" }, head, list);
  const button = h("button", { type: "button" });
  const { element } = popover(button, panel, () => {
    draw();
    search.focus();
  });

  const toggle = (/** @type {string} */ name) => {
    const now = shown();
    store.set({ columns: now.includes(name) ? now.filter((one) => one !== name) : [...now, name] });
  };
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const ticked = new Set(shown());
    const parts = allColumns(page).flatMap(({ title, names }) => {
      const found = names.filter((name) => name !== "name" && name.toLowerCase().includes(wanted));
      if (found.length === 0) return [];
      const item = (/** @type {string} */ name) =>
        h(
          "li",
          null,
          h(
            "label",
            null,
            h("input", { type: "checkbox", checked: ticked.has(name), onchange: () => toggle(name) }),
            printable(name),
          ),
        );
      const more = found.length > LISTED ? [h("li", { class: "quiet" }, `${found.length - LISTED} more: search`)] : [];
      return [h("h3", null, title), h("ul", null, ...found.slice(0, LISTED).map(item), ...more)];
    });
    fill(list, ...(parts.length ? parts : [h("p", { class: "empty" }, "No column is called that.")]));
  };
  return {
    element,
    update() {
      write(button, `Columns ${shown().length}`);
      if (!panel.hidden && document.activeElement?.getAttribute("type") !== "checkbox") draw();
    },
  };
}

/**
 * The columns of the state, or as many of the usual ones as *fits* says.
 * @param {import("../page/page.js").Page} page
 * @param {(column: import("./columns.js").Shown) => boolean} fits called with one after the other until it is false
 * @returns {import("./columns.js").Shown[]}
 */
export function chosenColumns(page, fits) {
  const asked = page.store.get().columns;
  const columns = (asked.length ? ["name", ...asked.filter((name) => name !== "name")] : usualColumns(page)).map(
    (name) => columnNamed(page, name),
  );
  const there = /** @type {import("./columns.js").Shown[]} */ (columns.filter(Boolean));
  if (asked.length) return there;
  const first = there.findIndex((column) => !fits(column));
  return first < 0 ? there : there.slice(0, Math.max(first, 1));
}
