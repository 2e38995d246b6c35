// The folders of a sweep: how many runs each has and in which states, its best, its newest; a click goes into one.

import { partsOf } from "../filter/conditions.js";
import { h, show, write } from "../base/dom.js";
import { FOLDER_CONDITIONS, folderCondition, folderIn, foldersBelow, pathTo } from "./folders.js";
import { ago, measure, plural, printable } from "../base/format.js";
import { arrange } from "../base/keyed.js";
import { spokenCounts, stateParts } from "./statebar.js";
import { stateCounts } from "../page/states.js";

const SHOWN_FOLDERS = 30;
const TITLES = ["folder", "runs", "states", "best", "newest"];

/**
 * @param {import("../page/page.js").Page} page
 * @param {import("../filter/facets.js").Facets} facets
 */
export function folderList(page, facets) {
  const { report } = page;
  const path = h("p", { class: "folder-path" });
  const body = h("tbody");
  const heads = TITLES.map((title) => h("th", { scope: "col", class: title === "runs" ? "number" : null }, title));
  const table = h("table", { class: "facts-table folder-table" }, h("thead", null, h("tr", null, ...heads)), body);
  const scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Folders" }, table);
  const more = h("p", { class: "quiet" });
  const element = h("section", { class: "part" }, h("h2", null, "Folders"), path, scroll, more);
  const go = (/** @type {string} */ prefix) => {
    const condition = folderCondition(prefix);
    if (prefix && !facets.has(condition)) facets.toggle(condition, FOLDER_CONDITIONS);
    else facets.remove(FOLDER_CONDITIONS);
  };
  return {
    element,
    update() {
      const inside = folderIn(partsOf(facets.filter()));
      const { runs } = page.filtered();
      const { at, folders, loose } = foldersBelow(report.runs, runs, inside);
      const newest = (/** @type {import("./folders.js").Folder} */ folder) =>
        folder.runs.reduce((latest, run) => Math.max(latest, report.runs[run].created_at ?? 0), 0);
      const ages = new Map(folders.map((folder) => [folder.prefix, newest(folder)]));
      folders.sort((a, b) => (ages.get(b.prefix) ?? 0) - (ages.get(a.prefix) ?? 0) || (a.name < b.name ? -1 : 1));
      show(element, folders.length > 0 || inside !== "");
      show(scroll, folders.length > 0);
      const crumbs = at ? [{ name: "all", prefix: "" }, ...pathTo(at)] : [];
      show(path, crumbs.length > 0);
      arrange(path, crumbs, {
        key: ({ prefix }) => prefix,
        make: ({ name, prefix }) => crumb(name, prefix, go),
        update: (button, { prefix }) => {
          if (prefix === inside) button.setAttribute("aria-current", "true");
          else button.removeAttribute("aria-current");
        },
      });
      write(heads[3], page.goal() === "min" ? "lowest" : "highest");
      heads[3].title = `${heads[3].textContent} ${printable(page.store.get().metric)}`;
      show(heads[3], page.store.get().metric !== "");
      arrange(body, folders.slice(0, SHOWN_FOLDERS), {
        key: ({ prefix }) => prefix,
        make: (folder) => folderRow(folder, go),
        update: (row, folder) => fillRow(page, row, folder, ages.get(folder.prefix) ?? 0),
      });
      const left = Math.max(0, folders.length - SHOWN_FOLDERS);
      const rest = [
        left && `and ${plural(left, "older folder")}`,
        folders.length && loose.length && `and ${plural(loose.length, "run")} in none of them`,
      ];
      write(more, rest.filter(Boolean).join(", "));
      show(more, more.textContent !== "");
    },
  };
}

/**
 * @param {string} name
 * @param {string} prefix
 * @param {(prefix: string) => void} go
 */
function crumb(name, prefix, go) {
  return h("button", { type: "button", class: "plain link", onclick: () => go(prefix) }, printable(name));
}

/**
 * @param {import("./folders.js").Folder} folder
 * @param {(prefix: string) => void} go
 */
function folderRow({ name, prefix }, go) {
  const props = { type: "button", class: "plain link", title: "only runs in this folder", onclick: () => go(prefix) };
  const open = h("button", props, `${printable(name)}/`);
  const cells = ["number", "", "number", "quiet"].map((kind) => h("td", { class: kind || null }));
  cells[1].append(h("span", { class: "state-bar", role: "img" }));
  return h("tr", null, h("th", { scope: "row" }, open), ...cells);
}

/**
 * @param {import("../page/page.js").Page} page
 * @param {any} row
 * @param {import("./folders.js").Folder} folder
 * @param {number} newest
 */
function fillRow(page, row, { runs }, newest) {
  const [, count, states, best, age] = row.children;
  const counts = stateCounts(runs.map((run) => page.report.runs[run]));
  write(count, runs.length.toLocaleString("en"));
  const bar = states.firstElementChild;
  bar.setAttribute("aria-label", spokenCounts(runs.length, counts));
  bar.title = spokenCounts(runs.length, counts);
  arrange(bar, stateParts(counts, (some) => `${(some / runs.length) * 100}%`), {
    key: (part) => part.state,
    make: (part) => h("span", { class: part.classes }),
    update: (part, { length }) => part.style.setProperty("width", length),
  });
  show(best, page.store.get().metric !== "");
  write(best, measure(bestIn(page, runs)));
  write(age, newest ? `${ago(page.clock().now - newest)} ago` : "");
}

/**
 * The best value of the primary metric in *runs*; null without one.
 * @param {import("../page/page.js").Page} page
 * @param {number[]} runs
 */
function bestIn(page, runs) {
  const sign = page.goal() === "min" ? -1 : 1;
  let found = null;
  for (const run of runs) {
    const { best, last } = page.score(run);
    const value = best ?? last;
    if (value !== null && (found === null || sign * value > sign * found)) found = value;
  }
  return found;
}
