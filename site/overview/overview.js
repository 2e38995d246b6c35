// The overview: how many runs there are and in which states, when they began, in which folders, with which tags; what
// failed last and what is newest. All of it is of the runs that the filter chooses, and most of it is a filter itself.

import { activityPart } from "./activity.js";
import { partsOf } from "../filter/conditions.js";
import { h, show, write } from "../base/dom.js";
import { STATE_CONDITIONS, facetsOf, stateCondition } from "../filter/facets.js";
import { folderList } from "./folderlist.js";
import { duration, plural, printable, when } from "../base/format.js";
import { arrange } from "../base/keyed.js";
import { durationOf } from "../filter/names.js";
import { failures, newcomers, runList } from "./runlists.js";
import { stateParts } from "./statebar.js";
import { stateCounts, stateMark } from "../page/states.js";
import { tagCloud } from "./tagcloud.js";

const PAUSE_BETWEEN = 500; // ms between two countings while runs change: 10,000 runs take up to 100 ms
const TICK = 30_000; // ms after which ages are written anew

/**
 * @param {import("../page/page.js").Page} page
 * @returns {import("../page/page.js").View}
 */
export function overviewView(page) {
  const facets = facetsOf(page);
  const summary = h("p", { class: "overview-summary", role: "status" });
  const chips = h("ul", { class: "chips", "aria-label": "The filter's conditions" });
  const parts = [
    statesPart(page, facets),
    runList(page, "Newest failures", failures, { why: true }),
    activityPart(page, facets),
    folderList(page, facets),
    tagCloud(page, facets),
    runList(page, "Newest runs", newcomers),
  ];
  const grid = h("div", { class: "overview" }, ...parts.map(({ element }) => element));
  const element = h("div", null, summary, chips, grid);
  const draw = () => {
    const { runs } = page.filtered();
    write(summary, summed(page, runs));
    arrangeChips(chips, facets);
    show(grid, runs.length > 0 || chips.children.length > 0);
    for (const part of parts) part.update(page.store.get());
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  setInterval(() => element.isConnected && !document.hidden && draw(), TICK);
  return {
    element,
    update(_, changed) {
      const mine = changed === null || ["filter", "archived", "metric", "goal", "per"].some((key) => changed.has(key));
      if (mine) {
        clearTimeout(waiting);
        waiting = undefined;
        draw();
      } else if (changed.has("runs") || changed.has("facts")) {
        waiting ??= setTimeout(() => {
          waiting = undefined;
          if (element.isConnected) draw();
        }, PAUSE_BETWEEN);
      }
    },
  };
}

/**
 * How many runs there are, since when, and how long they took.
 * @param {import("../page/page.js").Page} page
 * @param {number[]} runs
 */
function summed({ report, clock }, runs) {
  if (runs.length === 0) return report.runs.length ? "No run is like that." : "There are no runs yet.";
  const rows = runs.map((run) => report.runs[run]);
  const begun = rows.map(({ created_at }) => created_at).filter((moment) => moment !== null);
  const took = rows.reduce((sum, row) => sum + (durationOf(row, clock().asOf) ?? 0), 0);
  const [from, to] = [(/** @type {number} */ a, /** @type {number} */ b) => Math.min(a, b), Math.max].map((of) =>
    begun.length ? when(begun.reduce((a, b) => of(a, b))).slice(0, 10) : "",
  );
  const began = from === to ? from && `, begun on ${from}` : `, begun from ${from} to ${to}`;
  return `${plural(rows.length, "run")}${began}${took ? `, ${duration(took)} in all` : ""}`;
}

/**
 * The parts of the filter, each to be taken out.
 * @param {Element} chips
 * @param {import("../filter/facets.js").Facets} facets
 */
function arrangeChips(chips, facets) {
  const parts = partsOf(facets.filter());
  show(/** @type {HTMLElement} */ (chips), parts.length > 0);
  arrange(chips, parts, {
    key: ({ text }) => text,
    make: ({ text }) =>
      h(
        "li",
        null,
        h(
          "button",
          { type: "button", class: "tag", title: "take this out of the filter", onclick: () => facets.toggle(text) },
          h("code", null, printable(text)),
          h("span", { "aria-hidden": "true" }, " ×"),
          h("span", { class: "voice" }, ": take this out of the filter"),
        ),
      ),
  });
}

/**
 * Each state, how many runs are in it, and that as a length.
 * @param {import("../page/page.js").Page} page
 * @param {import("../filter/facets.js").Facets} facets
 */
function statesPart(page, facets) {
  const list = h("ul", { class: "state-list" });
  const element = h("section", { class: "part" }, h("h2", null, "States"), list);
  return {
    element,
    update() {
      const counts = stateCounts(facets.without(STATE_CONDITIONS).map((run) => page.report.runs[run]));
      const most = counts.reduce((a, [, count]) => Math.max(a, count), 1);
      const length = (/** @type {number} */ count) => `${(count / most) * 100}%`;
      arrange(list, counts, {
        key: ([state]) => state,
        make([state]) {
          const [part] = stateParts([[state, 1]], length);
          const bar = h("span", { class: "state-track", "aria-hidden": "true" }, h("span", { class: part.classes }));
          const toggle = () => facets.toggle(stateCondition(state), STATE_CONDITIONS);
          const count = h("span", { class: "number" });
          return h("li", null, h("button", { type: "button", onclick: toggle }, stateMark(state), bar, count));
        },
        update(item, [state, count]) {
          const button = item.firstElementChild;
          button.setAttribute("aria-pressed", String(facets.has(stateCondition(state))));
          button.children[1].firstElementChild.style.setProperty("width", length(count));
          write(button.lastElementChild, count.toLocaleString("en"));
        },
      });
    },
  };
}
