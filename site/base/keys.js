// Keys: what each does, and the sheet that lists them.

import { fill, h } from "./dom.js";

/** @typedef {{keys: string[], says: string, does?: (key: string) => void}} Binding */

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";

/**
 * Listens for the keys of *bindings* wherever nobody types; `?` opens their list, which this returns as `open`.
 * @param {{title: string, bindings: Binding[]}[]} groups
 */
export function keysView(groups) {
  const list = h("div", null);
  const dialog = h(
    "dialog",
    { "aria-labelledby": "keys-title" },
    h(
      "div",
      { class: "sheet" },
      h(
        "div",
        { class: "sheet-head" },
        h("h2", { id: "keys-title" }, "Keys"),
        h("button", { type: "button", onclick: () => dialog.close() }, "Close"),
      ),
      list,
    ),
  );
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === dialog && dialog.close());
  const item = (/** @type {Binding} */ { keys, says }) => [
    h("dt", null, ...keys.flatMap((key, place) => [place > 0 && " ", h("kbd", null, key)])),
    h("dd", null, says),
  ];
  const open = () => {
    fill(
      list,
      ...groups.map(({ title, bindings }) =>
        h("section", { class: "part" }, h("h3", null, title), h("dl", { class: "keys" }, ...bindings.flatMap(item))),
      ),
    );
    dialog.showModal();
  };
  const known = new Map(
    groups.flatMap(({ bindings }) =>
      bindings.flatMap(({ keys, does }) => (does ? keys.map((key) => /** @type {const} */ ([key, does])) : [])),
    ),
  );
  known.set("?", () => open());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest(TYPING) || document.querySelector("dialog[open]")) return;
    const does = known.get(event.key);
    if (!does) return;
    event.preventDefault();
    does(event.key);
  });
  return { element: dialog, open };
}
