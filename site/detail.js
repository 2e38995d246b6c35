// One run: everything its sidecar says, and what its metrics came to.

import { copyButton } from "./clipboard.js";
import { fill, h } from "./dom.js";
import { ago, duration, measure, plural, printable, scalar, size, when } from "./format.js";
import { durationOf } from "./names.js";
import { stateMark } from "./states.js";
import { lineSwatch } from "./swatch.js";

const SHOWN_APART = new Set([
  "hparams",
  "summary",
  "spark",
  "attempts",
  "shown",
  "created",
  "ended",
  "heartbeat",
  "state",
  "problems",
  "notes",
  "tags",
  "display_name",
]);
const TIMES = new Set(["created_at", "ended_at", "heartbeat_at"]);

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function detailView(page) {
  const element = h("div", null);
  return {
    element,
    update(state, changed) {
      if (changed && !["run", "selected", "dark", "metric"].some((key) => changed.has(key))) return;
      const run = page.runIndex(state.run) ?? page.selected()[0] ?? (page.report.runs.length ? 0 : undefined);
      fill(
        element,
        ...(run === undefined ? [h("p", { class: "empty" }, "There are no runs yet.")] : runParts(page, run)),
      );
    },
  };
}

/**
 * @param {import("./page.js").Page} page
 * @param {number} place
 */
function runParts(page, place) {
  const { report, store } = page;
  const run = report.runs[place];
  const slot = page.slot(place);
  const show = (/** @type {number} */ other) => store.set({ run: report.runs[other].run_id });
  const { runs } = page.filtered();
  const at = runs.indexOf(place);
  const step = (/** @type {number} */ by, /** @type {string} */ text, /** @type {string} */ title) =>
    h(
      "button",
      {
        type: "button",
        class: "icon",
        title,
        "aria-label": title,
        disabled: runs[at + by] === undefined,
        onclick: () => show(runs[at + by]),
      },
      text,
    );
  const chosen = () => {
    const { selected } = store.get();
    store.set({ selected: slot ? selected.filter((id) => id !== run.run_id) : [...selected, run.run_id] });
  };
  const plain = Object.fromEntries(
    Object.entries(run).filter(([key]) => !["spark", "shown", "attempts"].includes(key)),
  );
  return [
    h(
      "div",
      { class: "title-line" },
      slot && lineSwatch(slot),
      h("h2", null, page.name(place)),
      stateMark(run.state),
      h("span", null, step(-1, "‹", "newer run"), " ", step(1, "›", "older run")),
    ),
    h(
      "div",
      { class: "bar" },
      h(
        "button",
        { type: "button", "aria-pressed": String(Boolean(slot)), onclick: chosen },
        slot ? "In the charts" : "Show in the charts",
      ),
      h("button", { type: "button", onclick: () => store.set({ view: "logs", log: [run.run_id] }) }, "Logs"),
      copyButton(page, "Copy id", () => run.run_id),
      copyButton(page, "Copy path", () => run.run_dir),
      copyButton(page, "Copy as JSON", () => JSON.stringify(plain, null, 2)),
    ),
    run.problems.length > 0 &&
      part(
        "What could not be read",
        h(
          "ul",
          null,
          ...run.problems.map((/** @type {any} */ problem) =>
            h("li", { class: "bad" }, `${printable(problem.message)} (${printable(problem.path)})`),
          ),
        ),
      ),
    run.notes && part("Notes", h("p", { class: "notes" }, printable(run.notes).replaceAll("\\n", "\n"))),
    run.tags.length > 0 &&
      part(
        "Tags",
        h("p", null, ...run.tags.map((/** @type {string} */ tag) => h("span", { class: "tag" }, printable(tag)))),
      ),
    part("Run", factsTable(facts(page, run))),
    metricsPart(page, place),
    part("Hparams", hparamsOf(run)),
  ];
}

/**
 * @param {string} title
 * @param {HTMLElement} content
 */
function part(title, content) {
  return h("section", { class: "part" }, h("h2", null, title), content);
}

/**
 * Every field that has a value: its name and how it is written.
 * @param {import("./page.js").Page} page
 * @param {any} run
 * @returns {[string, string][]}
 */
function facts(page, run) {
  const { now, asOf } = page.clock();
  const lasted = duration(durationOf(run, asOf));
  const found = Object.entries(run).flatMap(([key, value]) => {
    if (SHOWN_APART.has(key) || value === null || value === "") return [];
    if (TIMES.has(key)) return when(value) ? [[key, `${when(value)}, ${ago(now - value)} ago`]] : [];
    if (key === "metrics_size") return value ? [["metrics.csv", size(value)]] : [];
    return [[key, printable(scalar(value))]];
  });
  const attempts = run.attempts.map((/** @type {number | null} */ step) => (step === null ? "?" : measure(step)));
  if (lasted) found.push(["duration", lasted]);
  if (attempts.length > 1) found.push(["attempts", `${attempts.length}, from step ${attempts.join(", ")}`]);
  return /** @type {[string, string][]} */ (found);
}

/** @param {[string, string][]} lines */
function factsTable(lines) {
  const row = (/** @type {[string, string]} */ [name, text]) =>
    h("tr", null, h("th", { scope: "row" }, printable(name)), h("td", null, text));
  return h("table", { class: "facts-table" }, h("tbody", null, ...lines.map(row)));
}

/** @param {any} run */
function hparamsOf({ hparams }) {
  const lines = Object.entries(hparams).map(
    ([key, value]) => /** @type {[string, string]} */ ([key, value === null ? "null" : printable(scalar(value))]),
  );
  return lines.length ? factsTable(lines) : h("p", { class: "quiet" }, "None.");
}

/**
 * What is known of each metric; of a run whose curves are not in the page, its last values.
 * @param {import("./page.js").Page} page
 * @param {number} place
 */
function metricsPart(page, place) {
  const { report } = page;
  const run = report.runs[place];
  const entries = report.metrics.flatMap((/** @type {any} */ metric) => {
    const entry = metric.of.find((/** @type {any} */ one) => one.run === place);
    return entry ? [{ metric, entry }] : [];
  });
  const named = new Set(entries.map((/** @type {any} */ { metric }) => metric.name));
  const others = Object.entries(run.summary).filter(([name]) => !named.has(name));
  if (entries.length + others.length === 0) return part("Metrics", h("p", { class: "quiet" }, "None."));
  const row = (/** @type {any} */ { metric, entry }) => {
    const better = page.goalOf(metric.name);
    const end = (/** @type {"min" | "max"} */ which) => [
      h("td", { class: "number" }, h(better === which ? "b" : "span", null, measure(entry[which]))),
      h("td", { class: "number quiet" }, measure(entry[`${which}_x`])),
    ];
    const last =
      entry.last === null && entry.nonfinite
        ? h("td", { class: "number bad" }, "not finite")
        : h("td", { class: "number" }, measure(entry.last));
    const bad = entry.nonfinite
      ? `${plural(entry.nonfinite, "value")}${entry.first_nonfinite === null ? "" : `, first at ${measure(entry.first_nonfinite)}`}`
      : "";
    return h(
      "tr",
      null,
      h("th", { scope: "row" }, printable(metric.name)),
      last,
      ...end("min"),
      ...end("max"),
      h("td", { class: "number" }, String(entry.count)),
      h("td", { class: "bad" }, bad),
    );
  };
  const rest = (/** @type {any[]} */ [name, value]) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, printable(name)),
      h(
        "td",
        { class: value === null ? "number bad" : "number" },
        value === null ? "not finite" : measure(/** @type {number} */ (value)),
      ),
      h("td", { colspan: "6", class: "quiet" }, "last value only"),
    );
  const odd = entries.some((/** @type {any} */ { entry }) => entry.nonfinite);
  const titles = ["metric", "last", "lowest", "at", "highest", "at", "points", odd ? "not finite" : ""];
  const head = h(
    "tr",
    null,
    ...titles.map((text, place) =>
      text ? h("th", { scope: "col", class: place > 0 && place < 7 ? "number" : null }, text) : h("td", null),
    ),
  );
  const table = h(
    "table",
    { class: "facts-table" },
    h("thead", null, head),
    h("tbody", null, ...entries.map(row), ...others.map(rest)),
  );
  return part("Metrics", h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Metrics" }, table));
}
