// A picture large above the page, or that picture of every run side by side; keys lead to others and through the steps.

import { fill, h, show, write } from "../base/dom.js";
import { createFigure, fillFigures } from "../base/figures.js";

/** @typedef {import("../base/figures.js").Picture} Picture */
/** @typedef {{run: number, name: string, place: number, picture: Picture}} Seen a picture, and its place among those of its run */

/**
 * @param {(by: number) => boolean} move leads to the step before (-1) or the next one; whether there is one
 */
export function lightbox(move) {
  const title = h("h2", null);
  const hint = h("span", { class: "quiet keys-hint" });
  const icon = (/** @type {string} */ text, /** @type {string} */ label, /** @type {() => void} */ onclick) =>
    h("button", { type: "button", class: "icon", title: label, "aria-label": label, onclick }, text);
  const across = h("button", { type: "button", "aria-pressed": "false", onclick: () => toggle() }, "Side by side");
  const pictures = h("span", null, icon("‹", "picture before", () => go(-1)), " ", icon("›", "next picture", () => go(1)));
  const steps = h("span", null, icon("↓", "step before", () => move(-1)), " ", icon("↑", "next step", () => move(1)));
  const place = h("div", { class: "large" });
  const close = h("button", { type: "button", onclick: () => dialog.close() }, "Close");
  const dialog = h(
    "dialog",
    { class: "lightbox", "aria-label": "Image" },
    h(
      "div",
      { class: "sheet" },
      h("div", { class: "sheet-head" }, title, h("span", { class: "bar" }, pictures, steps, across, close)),
      place,
      hint,
    ),
  );
  /** @type {Seen[]} */
  let all = [];
  let [at, wide] = [0, false];
  /** @type {import("../base/figures.js").Figure[]} */
  const figures = [];

  const together = () => all.filter((one) => one.place === all[at].place);
  const draw = () => {
    const { name, picture } = all[at];
    const some = wide ? together() : [all[at]];
    const count = all.length > 1 && !wide ? `, ${at + 1} of ${all.length}` : "";
    write(title, wide ? `${some.length} runs, step ${picture.step}` : `${name}, step ${picture.step}${count}`);
    place.classList.toggle("side-by-side", wide);
    fillFigures(place, figures, some.map((one) => one.picture), () => createFigure(), (number) => some[number].name);
    figures.forEach(({ element }, number) => (element.dataset.run = wide ? some[number].name : ""));
    show(pictures, all.length > 1 && !wide);
    show(across, wide || together().length > 1);
    across.setAttribute("aria-pressed", String(wide));
  };
  const go = (/** @type {number} */ by) => {
    at = (at + by + all.length) % all.length;
    draw();
  };
  const toggle = () => {
    wide = !wide;
    draw();
  };
  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (/** @type {Element} */ (event.target).matches("video") || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = {
      ArrowRight: () => go(1),
      ArrowLeft: () => go(-1),
      ArrowUp: () => move(1),
      ArrowDown: () => move(-1),
      s: () => !across.hidden && toggle(),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    fillFigures(place, figures, [], () => createFigure(), () => "");
    wide = false;
  });
  return {
    element: dialog,
    /** Shows one of *seen*. @param {Seen[]} seen @param {number} run @param {number} first its place among those of *run* */
    open(seen, run, first) {
      all = seen;
      at = Math.max(0, all.findIndex((one) => one.run === run && one.place === first));
      fill(hint, "← → pictures, ↑ ↓ steps, s side by side, Esc closes");
      draw();
      if (!dialog.open) dialog.showModal();
    },
    /** After steps moved or pictures came: the same place is shown as it is now. @param {Seen[]} seen */
    renew(seen) {
      if (!dialog.open) return;
      if (!seen.length) return dialog.close();
      const { run, place: own } = all[at];
      all = seen;
      const found = all.findIndex((one) => one.run === run && one.place === own);
      at = found >= 0 ? found : Math.max(0, all.findIndex((one) => one.run === run));
      draw();
    },
  };
}
