// Views with a name: the whole of what the page shows, as its address has it, kept by this browser for these runs.

import { copyButton } from "../base/clipboard.js";
import { fill, h } from "../base/dom.js";
import { printable } from "../base/format.js";
import { notify } from "../base/notice.js";
import { popover } from "../base/popover.js";

/** @param {import("./page.js").Page} page */
export function savedViews(page) {
  const { memory } = page;
  const list = h("ul", { class: "panel-list view-list" });
  const name = h("input", { type: "text", "aria-label": "Name of this view", placeholder: "name this view" });
  const save = h("button", { type: "submit" }, "Save");
  const saving = h("form", { class: "panel-head", onsubmit: (/** @type {Event} */ event) => saved(event) }, name, save);
  const first = h("button", { type: "button", onclick: () => go("") }, "As at first");
  const foot = h("div", { class: "panel-foot" }, copyButton(page, "Copy link", () => location.href), first);
  const panel = h("div", { class: "panel", role: "dialog", "aria-label": "Views" }, saving, list, foot);
  const button = h("button", { type: "button", title: "save this view, or go to one (s)" }, "Views");

  const go = (/** @type {string} */ hash) => {
    shown.close();
    location.hash = hash;
  };
  const saved = (/** @type {Event} */ event) => {
    event.preventDefault();
    const wanted = name.value.trim();
    if (!wanted) return name.focus();
    const others = memory.views().filter((view) => view.name !== wanted);
    const kept = memory.keepViews([{ name: wanted, hash: location.hash.slice(1) }, ...others]);
    if (!kept) notify("This view is not saved: the browser does not allow it. Copy the link instead.", { bad: true });
    name.value = "";
    draw();
    name.focus();
  };
  const removed = (/** @type {import("./remembered.js").SavedView} */ view) => {
    const before = memory.views();
    memory.keepViews(before.filter((one) => one.name !== view.name));
    draw();
    name.focus();
    const undo = { text: "Undo", does: () => void memory.keepViews(before) };
    notify(`Removed the view ${printable(view.name)}.`, { action: undo });
  };
  const draw = () => {
    const views = memory.views();
    const item = (/** @type {import("./remembered.js").SavedView} */ view) => {
      const text = printable(view.name);
      const open = h("button", { type: "button", class: "plain link", onclick: () => go(view.hash) }, text);
      const props = { type: "button", class: "icon", "aria-label": `remove the view ${text}`, title: "remove" };
      return h("li", null, open, h("button", { ...props, onclick: () => removed(view) }, "×"));
    };
    fill(list, ...(views.length ? views.map(item) : [h("li", { class: "quiet" }, "No view has a name yet.")]));
  };
  const shown = popover(button, panel, () => {
    draw();
    name.focus();
  });
  return { element: shown.element, open: shown.open };
}
