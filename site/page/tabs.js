// The views, behind tabs.

import { fill, h, write } from "../base/dom.js";

/**
 * @param {import("./page.js").Page} page
 * @param {{name: string, title: string, create: (page: import("./page.js").Page) => import("./page.js").View}[]} kinds
 * @param {HTMLElement} footer stands below every view
 * @returns {import("./page.js").View}
 */
export function tabsView(page, kinds, footer) {
  const { store } = page;
  /** @type {Map<string, import("./page.js").View>} */
  const made = new Map();
  const tab = (/** @type {{name: string, title: string}} */ { name, title }) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": "view",
        onclick: () => store.set({ view: name }),
      },
      title,
    );
  const tabs = kinds.map(tab);
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": "Views" }, ...tabs);
  const heading = h("h2", { class: "voice" }); // what stands below begins with smaller ones
  const place = h("div", { class: "view", id: "view", role: "tabpanel", tabindex: "-1" });
  const element = h("main", { class: "views" }, list, place);
  list.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const now = kinds.findIndex(({ name }) => name === store.get().view);
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: kinds.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + kinds.length) % kinds.length;
    store.set({ view: kinds[next].name });
    tabs[next].focus();
  });
  return {
    element,
    update(state, changed) {
      const kind = kinds.find(({ name }) => name === state.view) ?? kinds[0];
      kinds.forEach(({ name }, number) => {
        tabs[number].setAttribute("aria-selected", String(name === kind.name));
        tabs[number].tabIndex = name === kind.name ? 0 : -1;
      });
      let view = made.get(kind.name);
      if (!view) made.set(kind.name, (view = kind.create(page)));
      const entering = !place.contains(view.element);
      if (entering) {
        revealTab(list, tabs[kinds.indexOf(kind)]);
        write(heading, kind.title);
        fill(place, heading, view.element, footer);
        place.setAttribute("aria-labelledby", `tab-${kind.name}`);
        place.scrollTop = 0;
      }
      view.update(state, entering ? null : changed);
    },
  };
}

const PEEK = 16; // px of a neighbour that show that there is one

/**
 * Scrolls *list* to where *tab* is seen: on a phone there are more than fit. The page itself does not move.
 * @param {HTMLElement} list
 * @param {HTMLElement} tab
 */
function revealTab(list, tab) {
  const left = tab.offsetLeft - /** @type {HTMLElement} */ (list.firstElementChild).offsetLeft;
  const hidden = left + tab.offsetWidth + PEEK - list.clientWidth;
  list.scrollLeft = Math.max(hidden, Math.min(list.scrollLeft, left - PEEK));
}
