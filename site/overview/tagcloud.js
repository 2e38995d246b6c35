// The tags of runs, larger the more runs have them; a click filters by one.

import { h, show, write } from "../base/dom.js";
import { plural, printable } from "../base/format.js";
import { arrange } from "../base/keyed.js";

const SHOWN_TAGS = 80;
const STEPS = 4; // sizes of type

/**
 * @param {import("../page/page.js").Page} page
 * @param {import("../filter/facets.js").Facets} facets
 */
export function tagCloud(page, facets) {
  const cloud = h("ul", { class: "tag-cloud" });
  const more = h("p", { class: "quiet" });
  const element = h("section", { class: "part" }, h("h2", null, "Tags"), cloud, more);
  return {
    element,
    update() {
      const tags = tagCounts(page.filtered().runs.map((run) => page.report.runs[run]));
      const highest = Math.max(1, ...tags.map(([, count]) => count));
      show(element, tags.length > 0);
      arrange(cloud, tags.slice(0, SHOWN_TAGS), {
        key: ([tag]) => tag,
        make: ([tag]) =>
          h(
            "li",
            null,
            h(
              "button",
              { type: "button", class: "tag", onclick: () => facets.toggle(tagCondition(tag)) },
              h("span", null, printable(tag)),
              " ",
              h("small"),
            ),
          ),
        update(item, [tag, count]) {
          const button = item.firstElementChild;
          const size = Math.round((Math.log(count) / Math.log(Math.max(2, highest))) * (STEPS - 1));
          button.dataset.size = String(size);
          button.title = `only ${plural(count, "run")} tagged ${printable(tag)}`;
          button.setAttribute("aria-pressed", String(facets.has(tagCondition(tag))));
          write(button.lastElementChild, count.toLocaleString("en"));
        },
      });
      const left = tags.length - SHOWN_TAGS;
      show(more, left > 0);
      write(more, `and ${plural(left, "rarer one")}: the filter finds them`);
    },
  };
}

/** The condition that a run has *tag*. @param {string} tag */
export function tagCondition(tag) {
  return `${JSON.stringify(tag)} in tags`;
}

/**
 * [tag, how many runs have it], the most frequent first, then by name.
 * @param {{tags: string[]}[]} rows
 * @returns {[string, number][]}
 */
export function tagCounts(rows) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { tags } of rows) for (const tag of new Set(tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
}
