// Logs of runs: failed ones first, with colours, a search, and the way to the traceback.

import { colouredLines } from "./ansi.js";
import { copyButton } from "./clipboard.js";
import { fill, h, show, write } from "./dom.js";
import { plural, printable, size } from "./format.js";
import { URGENCY, glyphOf } from "./states.js";

const NARROW_LOG = 700; // px: lines are wrapped at first

/** @typedef {{name: string, kind: string, rank: number | null, stream_id: string, size: number, before: number, text: string, traceback: number | null}} Stream */

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function logsView(page) {
  const { report, store } = page;
  const runs = h("select", {
    "aria-label": "Run",
    onchange: () => store.set({ log: [runs.value, "", store.get().log[2] ?? ""] }),
  });
  const streams = h("select", {
    "aria-label": "Log",
    onchange: () => store.set({ log: [runs.value, streams.value, store.get().log[2] ?? ""] }),
  });
  const traceback = h("button", { type: "button", onclick: () => jump(stream?.traceback ?? 0) }, "Jump to traceback");
  const search = h("input", {
    type: "search",
    "aria-label": "Search this log",
    placeholder: "search",
    oninput: () => store.set({ log: [runs.value, streams.value, search.value] }),
    onkeydown(/** @type {KeyboardEvent} */ event) {
      if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    },
  });
  const found = h("span", { class: "quiet", role: "status" });
  const arrow = (/** @type {number} */ by, /** @type {string} */ text, /** @type {string} */ title) =>
    h("button", { type: "button", class: "icon", title, "aria-label": title, onclick: () => step(by) }, text);
  const arrows = h("span", null, arrow(-1, "↑", "match before"), " ", arrow(1, "↓", "next match"));
  const wrap = h(
    "button",
    {
      type: "button",
      "aria-pressed": "false",
      onclick: () => wrap.setAttribute("aria-pressed", String(lines.classList.toggle("wrapped"))),
    },
    "Wrap",
  );
  const lines = h("div", { class: "log-lines", tabindex: "0", role: "log", "aria-live": "off", "aria-label": "Log" });
  const log = h("div", { class: "log" }, lines);
  const note = h("p", { class: "bar quiet" });
  const nothing = h("p", { class: "empty" });
  const bars = [
    h(
      "div",
      { class: "bar" },
      runs,
      streams,
      traceback,
      h(
        "span",
        { class: "end" },
        copyButton(page, "Copy", () => stream?.text.replace(/\x1b\[[0-9;:]*m/g, "") ?? ""),
        " ",
        wrap,
      ),
    ),
    h("div", { class: "bar" }, h("div", { class: "wide" }, search), found, arrows),
  ];
  const element = h("div", null, ...bars, log, note, nothing);

  if (innerWidth < NARROW_LOG) wrap.click();

  /** @type {Stream | null} */
  let stream = null;
  /** @type {number[]} lines that hold what is searched for */
  let hits = [];
  let hit = -1;
  let drawing = 0;

  const order = logOrder(report.runs, report.runs.keys());
  let ready = false;
  const candidates = async () => {
    if (ready) return;
    ready = true;
    const withLogs = [];
    for (const run of order) if ((await page.data.logs(run)).length > 0) withLogs.push(run);
    const option = (/** @type {number} */ run) =>
      h(
        "option",
        { value: report.runs[run].run_id },
        `${glyphOf(report.runs[run].state)} ${report.runs[run].state}  ${page.name(run)}`,
      );
    fill(runs, ...withLogs.map(option));
  };

  const draw = async (/** @type {any} */ state) => {
    const turn = ++drawing;
    await candidates();
    const [wanted, name, words = ""] = state.log;
    const first =
      wanted ||
      [...page.selected()]
        .map((run) => report.runs[run].run_id)
        .find((id) => ids().includes(id) && ["failed", "stale"].includes(report.runs[page.runIndex(id) ?? 0].state)) ||
      ids()[0];
    const run = first === undefined ? undefined : page.runIndex(first);
    const all = run === undefined ? [] : await page.data.logs(run);
    if (turn !== drawing) return; // somebody asked for another meanwhile
    for (const part of [...bars, log, note]) show(part, ids().length > 0);
    show(nothing, ids().length === 0 || all.length === 0);
    write(
      nothing,
      ids().length === 0
        ? "No logs are in this page: spt looks for them where each launcher writes them, or none of the runs was chosen (--logs)."
        : "This run's logs are not in the page.",
    );
    if (run !== undefined && !ids().includes(first)) runs.append(h("option", { value: first }, page.name(run)));
    runs.value = first ?? "";
    fill(
      streams,
      ...all.map((/** @type {Stream} */ one) =>
        h("option", { value: one.stream_id }, `${printable(one.name)}, ${size(one.size)}`),
      ),
    );
    stream = all.find((/** @type {Stream} */ one) => one.stream_id === name) ?? all[0] ?? null;
    streams.value = stream?.stream_id ?? "";
    show(streams, all.length > 0);
    show(traceback, stream?.traceback !== null && stream !== null);
    if (document.activeElement !== search) search.value = words;
    drawLines();
    look(words);
    if (!words) lines.scrollTop = lines.scrollHeight; // what went wrong stands at the end
  };
  const ids = () => [...runs.options].map((option) => option.value);

  const drawLines = () => {
    const inside = stream?.traceback ?? Infinity;
    const made = stream ? colouredLines(stream.text) : [];
    const piece = (/** @type {import("./ansi.js").Piece} */ { text, classes }) =>
      classes ? h("span", { class: classes }, text) : text;
    fill(
      lines,
      ...made.map((pieces, place) =>
        h(
          "div",
          { class: place >= inside ? "log-line in-traceback" : "log-line" },
          h("span", { "aria-hidden": "true" }, String(place + 1)),
          h("span", null, ...pieces.map(piece)),
        ),
      ),
    );
    write(
      note,
      stream === null
        ? ""
        : stream.before > 0
          ? `The last ${plural(made.length, "line")}; ${size(stream.before)} before them ${stream.before === 1 ? "is" : "are"} not in the page.`
          : `All ${plural(made.length, "line")}.`,
    );
  };

  /** Marks the lines that hold *words*. @param {string} words */
  const look = (words) => {
    const wanted = words.toLowerCase();
    hits = [];
    [...lines.children].forEach((line, place) => {
      const holds = wanted !== "" && (line.lastChild?.textContent ?? "").toLowerCase().includes(wanted);
      line.classList.toggle("hit", holds);
      line.classList.remove("current");
      if (holds) hits.push(place);
    });
    hit = -1;
    show(arrows, wanted !== "");
    show(found, wanted !== "");
    write(found, plural(hits.length, "line"));
    if (hits.length) step(1);
  };
  /** @param {number} by */
  const step = (by) => {
    if (hits.length === 0) return;
    if (hit >= 0) lines.children[hits[hit]].classList.remove("current");
    hit = (hit + by + hits.length) % hits.length;
    lines.children[hits[hit]].classList.add("current");
    write(found, `${hit + 1} of ${plural(hits.length, "line")}`);
    jump(hits[hit]);
  };
  /** @param {number} place */
  const jump = (place) => {
    const line = /** @type {HTMLElement | undefined} */ (lines.children[place]);
    if (line) lines.scrollTop = line.offsetTop - lines.offsetTop - 60;
  };

  return {
    element,
    update(state, changed) {
      if (
        !changed ||
        (changed.has("log") &&
          (state.log[0] !== runs.value || (state.log[1] || streams.value) !== streams.value || drawing === 0))
      )
        void draw(state);
      else if (changed.has("log")) look(state.log[2] ?? "");
    },
  };
}

/**
 * *places* of runs, those of the most urgent states first.
 * @param {{state: string}[]} runs
 * @param {Iterable<number>} places
 */
export function logOrder(runs, places) {
  const urgency = (/** @type {number} */ run) =>
    URGENCY.includes(runs[run].state) ? URGENCY.indexOf(runs[run].state) : URGENCY.length;
  return [...places].sort((a, b) => urgency(a) - urgency(b) || a - b);
}
