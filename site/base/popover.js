// A panel that a button opens and closes: Escape, a click elsewhere and leaving it with Tab close it, too.

import { h, show } from "./dom.js";

/**
 * @param {any} button
 * @param {any} panel
 * @param {() => void} onopen fills the panel, and puts the focus into it
 */
export function popover(button, panel, onopen) {
  const element = h("div", { class: "popover" }, button, panel);
  panel.hidden = true;
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-haspopup", "dialog");
  const open = () => {
    show(panel, true);
    button.setAttribute("aria-expanded", "true");
    onopen();
  };
  const close = () => {
    if (panel.hidden) return;
    if (panel.contains(document.activeElement)) button.focus();
    show(panel, false);
    button.setAttribute("aria-expanded", "false");
  };
  button.addEventListener("click", () => (panel.hidden ? open() : close()));
  panel.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!element.contains(/** @type {Node} */ (event.target))) close();
  });
  element.addEventListener("focusout", (/** @type {FocusEvent} */ event) => {
    if (event.relatedTarget && !element.contains(event.relatedTarget)) close();
  });
  return { element, open, close };
}
