// The page comes to life: header, table and views, made once and told of every change of the state.

import { compareView } from "./compare.js";
import { curvesView } from "./curves.js";
import { openData } from "./data.js";
import { detailView } from "./detail.js";
import { fill, h } from "./dom.js";
import { hparamsView } from "./hparams.js";
import { logsView } from "./logs.js";
import { mediaView } from "./media.js";
import { createPage } from "./page.js";

const VIEWS = { curves: curvesView, compare: compareView, hparams: hparamsView, media: mediaView, logs: logsView, run: detailView };

/** @param {HTMLElement} root */
export async function main(root) {
  const voice = h("p", { class: "voice", role: "status", "aria-live": "polite" });
  const page = createPage(await openData(), (text) => (voice.textContent = text));
  /** @type {Record<string, import("./page.js").View>} */
  const views = {};
  const place = h("div", { class: "view" });
  const update = (/** @type {any} */ state, /** @type {any} */ changed) => {
    const entering = !views[state.view] || !place.contains(views[state.view].element);
    const view = (views[state.view] ??= VIEWS[/** @type {keyof typeof VIEWS} */ (state.view)](page));
    if (entering) fill(place, view.element);
    view.update(state, entering ? null : changed);
  };
  page.store.subscribe(update);
  fill(root, place, voice);
  update(page.store.get(), null);
}
