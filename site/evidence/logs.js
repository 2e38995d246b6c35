// Logs of runs: failed ones first, with colours, a search, and the way to the traceback; from a server as they grow.

import { h, show, write } from "../base/dom.js";
import { plural, printable, size } from "../base/format.js";
import { logOrder, obviousStream, ofRank, ranksOf } from "./logchoice.js";
import { logControls } from "./logcontrols.js";
import { LogLines } from "./loglines.js";
import { LogReading } from "./logreading.js";
import { fillSelect } from "../base/selects.js";
import { glyphOf } from "../page/states.js";

const NARROW_LOG = 700; // px: lines are wrapped at first
const RUNS_LISTED = 300; // runs to choose from in a page that has thousands
const SELECTED_LISTED = 50;
const BELIEVED = 5_000; // ms that a list of a run's logs is believed
const FAILING = ["failed", "stale"];

/** @typedef {import("./logchoice.js").Stream} Stream */

/**
 * @param {import("../page/page.js").Page} page
 * @returns {import("../page/page.js").View}
 */
export function logsView(page) {
  const { report, store } = page;
  const lines = new LogLines();
  const words = () => store.get().log[2] ?? "";
  const go = (/** @type {string} */ run, /** @type {string} */ stream, text = words()) =>
    store.set({ log: [run, stream, text] });
  const own = logControls(page, {
    run: (run) => go(run, ""),
    rank: (rank) => go(own.runs.value, ofRank(streams, rank === "" ? null : Number(rank), reading.stream)?.stream_id ?? ""),
    stream: (stream) => go(own.runs.value, stream),
    words: (text) => go(own.runs.value, own.streams.value, text),
    step: (by) => step(by),
    traceback: () => void reading.toTraceback(),
    earlier: () => void reading.earlier(),
    end: () => toEnd(),
    wrap: () => lines.element.classList.toggle("wrapped"),
    text: () => lines.text,
  });
  const reading = new LogReading(lines, page.data, { onchange: () => told(), alive: (run) => report.runs[run].alive });
  const nothing = h("p", { class: "empty" });
  const log = h("div", { class: "log" }, lines.element);
  const element = h("div", null, ...own.above, log, own.below, nothing);

  /** @type {Stream[]} of the run that is shown */
  let streams = [];
  let [shown, listed] = [/** @type {number | undefined} */ (undefined), 0];
  let [drawing, wanted, sought] = [0, "", false];
  let [atEnd, top] = [true, 0];
  let later = 0;

  if (innerWidth < NARROW_LOG) own.wrap.click();
  lines.element.addEventListener("scroll", () => {
    if (!lines.element.isConnected) return;
    const came = lines.atEnd && !atEnd;
    [atEnd, top] = [lines.atEnd, lines.element.scrollTop];
    if (came) reading.look();
    if (atEnd) reading.missed = 0;
    told();
  });
  document.addEventListener("visibilitychange", () => reading.look());

  const candidates = runsWithLogs(page);
  const draw = async (/** @type {string[]} */ [id = "", name = ""], /** @type {boolean} */ entered) => {
    const turn = ++drawing;
    const list = await candidates();
    const stays = !entered && shown !== undefined && !report.runs[shown].gone ? shown : undefined;
    const run = id ? page.runIndex(id) : (stays ?? firstRun(page, list));
    const found = run === undefined ? null : await logsOf(page, run, name);
    if (turn !== drawing) return; // somebody asked for another meanwhile
    [shown, listed] = [run, Date.now()];
    streams = found?.streams ?? [];
    fillRuns(list, id);
    const same = run === reading.run && reading.stream?.text === undefined;
    const stream = streams.find((one) => one.stream_id === (name || (same && reading.stream?.stream_id))) ?? found?.first ?? null;
    fillStreams(stream);
    const none = whyNothing(page, list.length > 0, run, found);
    for (const part of [...own.above, log, own.below]) show(part, list.length > 0);
    show(nothing, none !== "");
    write(nothing, none);
    if (same && stream && stream.stream_id === reading.stream?.stream_id) reading.look();
    else begin(run, stream);
    told();
  };
  const begin = (/** @type {number | undefined} */ run, /** @type {Stream | null} */ stream) => {
    reading.open(run ?? -1, stream);
    if (document.activeElement !== own.search) own.search.value = words();
    toEnd(); // what went wrong stands at the end
    search(words());
  };
  const fillRuns = (/** @type {number[]} */ list, /** @type {string} */ id) => {
    const all = shown === undefined || list.includes(shown) ? list : [...list, shown];
    const option = (/** @type {number} */ run) => [report.runs[run].run_id, `${glyphOf(report.runs[run].state)} ${report.runs[run].state}  ${page.name(run)}`];
    fillSelect(own.runs, all.map(option), shown === undefined ? id : report.runs[shown].run_id);
  };
  const fillStreams = (/** @type {Stream | null} */ stream) => {
    const ranks = ranksOf(streams);
    const some = ranks.length > 1 && streams.length > ranks.length ? streams.filter(({ rank }) => rank === stream?.rank) : streams;
    const name = (/** @type {number | null} */ rank) => [String(rank ?? ""), rank === null ? "no rank" : `rank ${rank}`];
    fillSelect(own.ranks, ranks.map(name), String(stream?.rank ?? ""));
    fillSelect(own.streams, some.map((one) => [one.stream_id, `${printable(one.name)}, ${size(one.size)}`]), stream?.stream_id ?? "");
    show(own.ranks, some !== streams);
    show(own.streams, streams.length > 0);
  };

  /** Says what is read, where in it that is, and what can be done. */
  const told = () => {
    write(own.note, reading.note);
    show(own.traceback, reading.trace !== null);
    show(own.earlier, reading.hasEarlier);
    show(own.end, reading.stream !== null && !atEnd);
    write(own.end, reading.missed ? `To the end, ${plural(reading.missed, "new line")}` : "To the end");
    show(own.raw, reading.tail !== null);
    if (reading.tail) own.raw.href = reading.tail.address;
    if (wanted && !sought && lines.hits.length) {
      sought = true; // of a log that was not read yet when it was searched
      step(1);
    }
    if (wanted) write(own.found, foundText());
  };
  const toEnd = () => {
    lines.toEnd();
    [atEnd, reading.missed] = [true, 0];
    reading.look(); // it waits where many lines came below
    told();
  };

  const search = (/** @type {string} */ text) => {
    wanted = text;
    lines.look(text);
    show(own.arrows, text !== "");
    show(own.found, text !== "");
    write(own.found, foundText());
    sought = lines.hits.length > 0;
    if (sought) step(1);
  };
  const step = (/** @type {number} */ by) => {
    lines.step(by);
    write(own.found, foundText());
  };
  const foundText = () => {
    const at = lines.current ? lines.hits.indexOf(lines.current) + 1 : 0;
    return at ? `${at} of ${plural(lines.hits.length, "line")}` : plural(lines.hits.length, "line");
  };

  /** After rows changed: the log may have grown, its run may have ended, or there is one at last. */
  const heard = (/** @type {import("../live/merging.js").Touched} */ { runs }) => {
    if (shown !== undefined && !runs.has(shown)) return;
    if (shown !== undefined && report.runs[shown].gone) reading.stop("its run is gone");
    else if (reading.stream) reading.look();
    later ||= setTimeout(again, Math.max(0, listed + BELIEVED - Date.now()));
    told();
  };
  /** Asks which logs there are now. */
  const again = () => {
    later = 0;
    const gone = shown !== undefined && report.runs[shown].gone;
    if (element.isConnected && !(gone && reading.stream)) void draw(store.get().log, false);
  };
  return {
    element,
    update(state, changed) {
      const [id = "", name = "", text = ""] = state.log;
      if (!changed) {
        void draw(state.log, true);
        if (atEnd) lines.toEnd();
        else lines.element.scrollTop = top;
      } else if (changed.has("log")) {
        const run = id === "" ? shown : page.runIndex(id);
        if (run !== shown || (name !== "" && name !== reading.stream?.stream_id)) void draw(state.log, false);
        else if (text !== wanted) search(text);
      } else if (page.live && (changed.has("runs") || changed.has("points"))) heard(page.touched());
    },
  };
}

/**
 * Asks for the runs to choose from: of an exported page those with logs, of a served one those that the filter chooses.
 * @param {import("../page/page.js").Page} page
 * @returns {() => Promise<number[]>}
 */
function runsWithLogs({ report, data, live, filtered, selected }) {
  if (live) {
    return async () => {
      const some = logOrder(report.runs, filtered().runs).slice(0, RUNS_LISTED);
      return [...new Set([...some, ...selected().slice(0, SELECTED_LISTED)])];
    };
  }
  const all = (async () => {
    const found = [];
    for (const run of logOrder(report.runs, report.runs.keys())) if ((await data.logs(run)).length > 0) found.push(run);
    return found;
  })();
  return () => all;
}

/**
 * The run whose log is shown when none is named: that of the details, else a selected one that failed, else the first.
 * @param {import("../page/page.js").Page} page
 * @param {number[]} list
 */
function firstRun({ report, selected, store, runIndex }, list) {
  const looked = runIndex(store.get().run);
  if (looked !== undefined && list.includes(looked)) return looked;
  return selected().find((run) => list.includes(run) && FAILING.includes(report.runs[run].state)) ?? list[0];
}

/**
 * The logs of a run, and which of them is shown when none is *named*: the one with a traceback, where it failed.
 * @param {import("../page/page.js").Page} page
 * @param {number} run
 * @param {string} named
 */
async function logsOf({ report, data, live }, run, named) {
  try {
    /** @type {Stream[]} */
    const streams = await data.logs(run);
    if (!live) return { streams, first: streams[0] ?? null, error: "" };
    const failed = report.runs[run].state === "failed";
    const trace = failed && !named && streams.length ? await data.trace(run) : null;
    const first = streams.find(({ stream_id }) => stream_id === trace?.stream_id) ?? obviousStream(streams, failed);
    return { streams, first, error: "" };
  } catch (error) {
    return { streams: [], first: null, error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * What is said where there is no log; "" where there is one.
 * @param {import("../page/page.js").Page} page
 * @param {boolean} any whether there are runs to choose from
 * @param {number | undefined} run
 * @param {{streams: Stream[], error: string} | null} found
 */
function whyNothing({ report, data, live }, any, run, found) {
  if (found?.streams.length) return "";
  if (!live && any) return "This run's logs are not in the page.";
  if (!live)
    return "No logs are in this page: spt looks for them where each launcher writes them, or none of the runs was chosen (--logs).";
  if (run === undefined) return any ? "There is no such run." : "There are no runs to choose from.";
  if (report.runs[run].gone) return "This run is gone.";
  if (found?.error) return `Its logs could not be read: ${printable(found.error)}.`;
  const outside = data.outside(run);
  return outside
    ? `Its logs are outside of what is served: start spt serve with --logs-from ${printable(outside)}`
    : "This run has no logs where spt looks for them (spt logs --list).";
}
