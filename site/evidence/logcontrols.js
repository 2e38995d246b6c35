// What stands above and below a log: which one it is, a search, and ways through it.

import { copyButton } from "../base/clipboard.js";
import { h } from "../base/dom.js";

/**
 * @param {import("../page/page.js").Page} page
 * @param {object} does
 * @param {(run: string) => void} does.run
 * @param {(rank: string) => void} does.rank
 * @param {(stream: string) => void} does.stream
 * @param {(words: string) => void} does.words
 * @param {(by: number) => void} does.step
 * @param {() => void} does.traceback
 * @param {() => void} does.earlier
 * @param {() => void} does.end
 * @param {() => boolean} does.wrap whether lines are wrapped now
 * @param {() => string} does.text
 */
export function logControls(page, does) {
  const select = (/** @type {string} */ label, /** @type {(value: string) => void} */ chosen) => {
    const made = h("select", { "aria-label": label, onchange: () => chosen(made.value) });
    return made;
  };
  const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) =>
    h("button", { type: "button", onclick }, text);
  const arrow = (/** @type {number} */ by, /** @type {string} */ text, /** @type {string} */ title) =>
    h("button", { type: "button", class: "icon", title, "aria-label": title, onclick: () => does.step(by) }, text);

  const [runs, ranks, streams] = [select("Run", does.run), select("Rank", does.rank), select("Log", does.stream)];
  const traceback = button("Jump to traceback", does.traceback);
  const wrap = button("Wrap", () => wrap.setAttribute("aria-pressed", String(does.wrap())));
  wrap.setAttribute("aria-pressed", "false");
  const raw = h("a", { class: "link", target: "_blank", rel: "noopener" }, "Raw");
  const copy = copyButton(page, "Copy", does.text);
  const search = h("input", {
    type: "search",
    "aria-label": "Search this log",
    placeholder: "search",
    oninput: () => does.words(search.value),
    onkeydown(/** @type {KeyboardEvent} */ event) {
      if (event.key === "Enter") does.step(event.shiftKey ? -1 : 1);
    },
  });
  const found = h("span", { class: "quiet", role: "status" });
  const arrows = h("span", null, arrow(-1, "↑", "match before"), " ", arrow(1, "↓", "next match"));
  const note = h("span", { class: "quiet" });
  const [earlier, end] = [button("Earlier lines", does.earlier), button("To the end", does.end)];
  const above = [
    h("div", { class: "bar log-choice" }, runs, ranks, streams, traceback),
    h(
      "div",
      { class: "bar" },
      h("div", { class: "wide" }, search),
      found,
      arrows,
      h("span", { class: "end" }, raw, " ", copy, " ", wrap),
    ),
  ];
  const below = h("div", { class: "bar log-note" }, note, h("span", { class: "end" }, earlier, " ", end));
  return { runs, ranks, streams, traceback, wrap, raw, search, found, arrows, note, earlier, end, above, below };
}
