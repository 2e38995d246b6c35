// One run: everything its sidecar says, and what its metrics came to.

import { toggleArchived } from "./archiving.js";
import { copyButton } from "../base/clipboard.js";
import { become, fill, h, show, write } from "../base/dom.js";
import { canEdit, editorView } from "./editing.js";
import { evidenceView } from "../evidence/evidence.js";
import { ago, duration, measure, plural, printable, scalar, size, when } from "../base/format.js";
import { durationOf } from "../filter/names.js";
import { stateMark } from "../page/states.js";
import { lineSwatch } from "../base/swatch.js";

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
  "version",
]);
const ADDED = new Set(["spark", "shown", "attempts", "gone"]); // of a row, by the page
const WATCHED = ["run", "selected", "dark", "metric", "goal", "filter", "archived", "facts"]; // parts of the state
const TIMES = new Set(["created_at", "ended_at", "heartbeat_at"]);

/**
 * @param {import("../page/page.js").Page} page
 * @returns {import("../page/page.js").View}
 */
export function detailView(page) {
  const empty = h("div", { class: "empty" });
  const head = headOf(page);
  const editor = canEdit(page) ? editorView(page) : null;
  const evidence = evidenceView(page);
  const facts = h("div");
  const whole = [head.element, ...(editor ? [editor.element] : []), evidence.element, facts];
  const element = h("div", null, empty, ...whole);
  let shown = -1;
  element.addEventListener("focusin", () => {
    const { run_id } = page.report.runs[shown] ?? {};
    if (run_id !== undefined && page.store.get().run !== run_id) page.store.set({ run: run_id }); // no other run comes now
  });
  return {
    element,
    update(state, changed) {
      const run = page.runIndex(state.run) ?? page.selected()[0] ?? page.order()[0] ?? -1;
      if (changed && run === shown && !concerns(page, changed, run)) return;
      const row = page.report.runs[run];
      const there = row && !row.gone;
      if (!there) fill(empty, ...(row ? goneParts(page, run, editor?.leftOver(run) ?? []) : ["There are no runs yet."]));
      show(empty, !there);
      for (const part of whole) show(part, Boolean(there));
      if (there) {
        if (page.live) void page.data.facts([run]); // best and last of all metrics come with "facts"
        head.update(run);
        editor?.update(run);
        evidence.update(run);
        const next = h("div", null, ...factParts(page, run));
        if (run === shown) become(facts, next); // what is marked and scrolled to stays
        else facts.replaceChildren(...next.childNodes);
      }
      shown = run;
    },
  };
}

/**
 * What is said of a run that is no more, with what somebody typed and can save no longer.
 * @param {import("../page/page.js").Page} page
 * @param {number} run
 * @param {string[]} typed
 */
function goneParts(page, run, typed) {
  const said = h("p", null, `${page.name(run)} is no more: its folder was removed or renamed.`);
  if (typed.length === 0) return [said];
  return [said, h("p", null, "You had typed:"), h("pre", { class: "notes" }, typed.join("\n"))];
}

/**
 * Whether what is said of *run* may read otherwise after a change.
 * @param {import("../page/page.js").Page} page
 * @param {Set<string>} changed
 * @param {number} run
 */
function concerns(page, changed, run) {
  if (WATCHED.some((key) => changed.has(key))) return true;
  const { runs, points, named } = page.touched();
  return named || runs.has(run) || points.has(run);
}

/** Which run it is, and what can be done with it. @param {import("../page/page.js").Page} page */
function headOf(page) {
  const { report, store } = page;
  let place = -1;
  const row = () => report.runs[place];
  const [line, title] = [h("span"), h("h2")];
  const [mark, archived] = [h("span"), h("span", { class: "tag", hidden: true }, "archived")];
  const step = (/** @type {number} */ by, /** @type {string} */ text, /** @type {string} */ name) => {
    const next = () => page.filtered().runs[page.filtered().runs.indexOf(place) + by];
    const go = () => store.set({ run: report.runs[next()].run_id });
    const button = h("button", { type: "button", class: "icon", title: name, "aria-label": name, onclick: go }, text);
    return { button, update: () => (button.disabled = next() === undefined) };
  };
  const steps = [step(-1, "‹", "newer run ([)"), step(1, "›", "older run (])")];
  const choose = () => {
    const { selected } = store.get();
    const { run_id } = row();
    store.set({ selected: page.slot(place) ? selected.filter((id) => id !== run_id) : [...selected, run_id] });
  };
  const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) =>
    h("button", { type: "button", onclick }, text);
  const charts = button("", choose);
  const archive = button("", () => void toggleArchived(page, place));
  const bar = h(
    "div",
    { class: "bar" },
    charts,
    button("Logs", () => store.set({ view: "logs", log: [row().run_id] })),
    canEdit(page) && archive,
    copyButton(page, "Copy id", () => row().run_id),
    copyButton(page, "Copy path", () => row().run_dir),
    copyButton(page, "Copy as JSON", () => JSON.stringify(plainRow(row()), null, 2)),
  );
  const both = h("span", null, steps[0].button, " ", steps[1].button);
  const readOnly = h("p", { class: "quiet" }, "Nobody edits here: the server was started with --read-only.");
  show(readOnly, Boolean(page.live?.readOnly));
  return {
    element: h("div", null, h("div", { class: "title-line" }, line, title, mark, archived, both), bar, readOnly),
    update(/** @type {number} */ run) {
      place = run;
      const slot = page.slot(run);
      fill(line, slot && lineSwatch(slot));
      write(title, page.name(run));
      fill(mark, stateMark(row().state));
      show(archived, row().archived);
      charts.setAttribute("aria-pressed", String(Boolean(slot)));
      write(charts, slot ? "In the charts" : "Show in the charts");
      write(archive, row().archived ? "Restore" : "Archive");
      const hide = "leave it out of lists, here and in the terminal (x)";
      archive.title = row().archived ? "show it in lists again (x)" : hide;
      for (const { update } of steps) update();
    },
  };
}

/** A row as the server has it, without what the page adds. @param {any} row */
function plainRow(row) {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !ADDED.has(key)));
}

/**
 * @param {import("../page/page.js").Page} page
 * @param {number} place
 */
function factParts(page, place) {
  const run = page.report.runs[place];
  return [
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
    ...(canEdit(page) ? [] : textParts(run)),
    part("Run", factsTable(facts(page, run))),
    metricsPart(page, place),
    part("Hparams", hparamsOf(run)),
  ];
}

/** Notes and tags, for those who cannot edit them. @param {any} run */
function textParts({ notes, tags }) {
  return [
    notes && part("Notes", h("p", { class: "notes" }, printable(notes).replaceAll("\\n", "\n"))),
    tags.length > 0 &&
      part(
        "Tags",
        h("p", null, ...tags.map((/** @type {string} */ tag) => h("span", { class: "tag" }, printable(tag)))),
      ),
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
 * @param {import("../page/page.js").Page} page
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
 * @param {import("../page/page.js").Page} page
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
