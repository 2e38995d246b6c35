// The filter box: the language of -w, or words to search for; where it is wrong, what to write instead.

import { plainSpaced } from "./conditions.js";
import { fill, h, show } from "../base/dom.js";
import { printable } from "../base/format.js";
import { wordsOf } from "./search.js";

const PAUSE = 150; // ms after the last key before runs are chosen anew

/**
 * @param {import("../page/page.js").Page} page
 * @param {() => void} ondown for ↓ in the box, which leaves it with what it holds
 * @returns {import("../page/page.js").View & {focus(): void}}
 */
export function filterView(page, ondown) {
  const { store } = page;
  const said = h("div", { class: "said", id: "filter-said", role: "status" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  const choose = () => {
    clearTimeout(waiting);
    store.set({ filter: box.value });
  };
  const box = h("input", {
    type: "search",
    "aria-label": "Filter runs",
    "aria-describedby": "filter-said",
    placeholder: 'search, or val/acc > 0.7 and state == "failed"',
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    oninput() {
      clearTimeout(waiting);
      waiting = setTimeout(choose, PAUSE);
    },
    onchange: choose,
    onkeydown(/** @type {KeyboardEvent} */ event) {
      if (event.key !== "Escape" && event.key !== "ArrowDown") return;
      event.preventDefault();
      if (event.key === "ArrowDown") {
        choose();
        ondown();
      } else if (box.value) {
        box.value = "";
        choose();
      } else box.blur();
    },
  });
  const element = h("div", { class: "bar" }, h("div", { class: "wide" }, box), said);
  return {
    element,
    focus() {
      box.focus();
      box.select();
    },
    update(state, changed) {
      const typing = document.activeElement === box && !changed?.has("filter");
      if (box.value !== state.filter && document.activeElement !== box) box.value = state.filter;
      else if (state.filter === "" && !typing) box.value = "";
      const found = page.filtered();
      box.setAttribute("aria-invalid", String(Boolean(found.mistake)));
      const use = (/** @type {string} */ text) => store.set({ filter: text });
      const told = found.mistake ? explained(found.mistake, state.filter, use) : howRead(found, state.filter, use);
      show(said, told.length > 0);
      fill(said, ...told);
    },
  };
}

/**
 * What is wrong, the place underlined, what to write.
 * @param {import("./tokens.js").Mistake} mistake
 * @param {string} filter
 * @param {(text: string) => void} use
 */
function explained(mistake, filter, use) {
  const { message, advice, start, end, candidates, kind } = mistake;
  const source = plainSpaced(filter);
  const from = Math.max(0, start - 30);
  const shown = (from ? "…" : "") + source.slice(from, from + 60);
  const mark = " ".repeat(start - from + (from ? 1 : 0)) + "^".repeat(Math.max(1, Math.min(end - start, 60)));
  const put = (/** @type {string} */ name) => use(source.slice(0, start) + name + source.slice(end));
  return [
    h("span", { class: "bad" }, `${message}.`),
    h("pre", null, `${shown}\n${mark}`),
    candidates.length === 0 && advice && h("span", { class: "quiet" }, `${advice} `),
    ...offers(kind === "unknown" ? "did you mean " : "one of ", candidates, put),
  ];
}

/**
 * How a filter was read that could have been meant otherwise: as words, or as a name.
 * @param {import("./filtering.js").Found} found
 * @param {string} filter
 * @param {(text: string) => void} use
 */
function howRead({ words, runs, candidates }, filter, use) {
  if (words.length > 0) {
    const listed = words.map((word) => `“${printable(word)}”`).join(" and ");
    const alone = wordsOf(plainSpaced(filter)) !== null;
    if (runs.length > 0) return [h("span", { class: "quiet" }, `Runs with ${listed} in any field`)];
    return [
      h("span", { class: "quiet" }, `No run has ${listed} in any field. `),
      ...(alone ? offers("Did you mean ", candidates, use) : []),
    ];
  }
  const searched = wordsOf(plainSpaced(filter));
  if (!searched) return [];
  const search = `Search for “${printable(searched.join(" "))}” in any field`;
  return [
    h("span", { class: "quiet" }, "Read as a name. "),
    ...offers("", [search], () => use(`"${plainSpaced(filter).trim()}"`)),
  ];
}

/**
 * Texts to click.
 * @param {string} before
 * @param {string[]} texts
 * @param {(text: string) => void} use
 */
function offers(before, texts, use) {
  return texts.flatMap((text, place) => [
    h("span", { class: "quiet" }, place ? ", " : before),
    h("button", { type: "button", class: "plain link", onclick: () => use(text) }, text),
  ]);
}
