// The filter box: the language of -w, and where it is wrong, what to write instead.

import { fill, h, show } from "./dom.js";

const PAUSE = 150; // ms after the last key before runs are chosen anew

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View & {focus(): void}}
 */
export function filterView(page) {
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
    placeholder: 'filter: val/acc > 0.7 and state == "failed"',
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    oninput() {
      clearTimeout(waiting);
      waiting = setTimeout(choose, PAUSE);
    },
    onchange: choose,
    onkeydown(/** @type {KeyboardEvent} */ event) {
      if (event.key !== "Escape") return;
      event.preventDefault();
      if (box.value) {
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
    update(state) {
      if (box.value !== state.filter && document.activeElement !== box) box.value = state.filter;
      else if (state.filter === "") box.value = "";
      const { mistake } = page.filtered();
      box.setAttribute("aria-invalid", String(Boolean(mistake)));
      show(said, Boolean(mistake));
      fill(said, ...(mistake ? explained(mistake, state.filter, (text) => store.set({ filter: text })) : []));
    },
  };
}

/**
 * What is wrong, the place underlined, what to write; and a search for the words where they are no expression.
 * @param {import("./tokens.js").Mistake} mistake
 * @param {string} filter
 * @param {(text: string) => void} use
 */
function explained(mistake, filter, use) {
  const { message, advice, start, end, candidates } = mistake;
  const source = filter.replace(/[\t\n\r\f\v]/g, " ").replace(/^ +/, "");
  const from = Math.max(0, start - 30);
  const shown = (from ? "…" : "") + source.slice(from, from + 60);
  const mark = " ".repeat(start - from + (from ? 1 : 0)) + "^".repeat(Math.max(1, Math.min(end - start, 60)));
  const words = filter.trim();
  const simple = /^[\p{L}\p{N}_./-]+( [\p{L}\p{N}_./-]+)?$/u.test(words);
  const found = searchFor(words);
  return [
    h("span", { class: "bad" }, `${message}.`),
    h("pre", null, `${shown}\n${mark}`),
    candidates.length === 0 && advice && h("span", { class: "quiet" }, `${advice} `),
    ...candidates.flatMap((name, place) => [
      h("span", { class: "quiet" }, place ? ", " : mistake.kind === "unknown" ? "did you mean " : "one of "),
      h(
        "button",
        { type: "button", class: "plain link", onclick: () => use(source.slice(0, start) + name + source.slice(end)) },
        name,
      ),
    ]),
    candidates.length > 0 && " ",
    simple &&
      h(
        "button",
        { type: "button", class: "plain link", onclick: () => use(found) },
        `Search for “${words}” in names, ids, tags and notes`,
      ),
  ];
}

/** The selection of runs that mention *words*. @param {string} words */
export function searchFor(words) {
  const pattern = JSON.stringify(`(?i)${words.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}`);
  return ["name", "run_id", "tags", "notes"].map((field) => `${field}.matches(${pattern})`).join(" or ");
}
