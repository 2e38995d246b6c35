// Of one run: why it failed, in the words of its log, and which logs it has.

import { colouredLines } from "./ansi.js";
import { fill, h, show } from "../base/dom.js";
import { plural, printable, size } from "../base/format.js";

const SHOWN_LINES = 14; // of a traceback: its last frames and the exception
const SHOWN_LOGS = 12; // of a job with many ranks there are hundreds
const ASKED_FOR = 5_000; // ms that what a server said of a run is believed

/** @typedef {import("./logchoice.js").Stream} Stream */
/** @typedef {{stream: string, lines: string[]}} Failure */

/** @param {import("../page/page.js").Page} page */
export function evidenceView(page) {
  const [failure, logs] = [h("section", { class: "part" }), h("section", { class: "part" })];
  const element = h("div", { class: "evidence" }, failure, logs);
  let [shown, asked, turn] = [-1, 0, 0];
  const open = (/** @type {number} */ run, /** @type {string} */ stream) =>
    page.store.set({ view: "logs", log: [page.report.runs[run].run_id, stream] });

  const draw = async (/** @type {number} */ run) => {
    const own = ++turn;
    const found = await evidenceOf(page, run).catch(() => null);
    if (own !== turn || !found) return;
    show(failure, found.failure !== null);
    show(logs, found.streams.length > 0);
    if (found.failure) fill(failure, ...failureParts(found.failure, (stream) => open(run, stream)));
    fill(logs, ...logParts(found.streams, (stream) => open(run, stream)));
  };
  return {
    element,
    /** @param {number} run */
    update(run) {
      if (run === shown && Date.now() - asked < ASKED_FOR) return;
      if (run !== shown) for (const part of [failure, logs]) show(part, false);
      [shown, asked] = [run, Date.now()];
      void draw(run);
    },
  };
}

/**
 * The logs of a run, and where it failed the traceback that they end with.
 * @param {import("../page/page.js").Page} page
 * @param {number} run
 * @returns {Promise<{streams: Stream[], failure: Failure | null}>}
 */
export async function evidenceOf({ report, data, live }, run) {
  /** @type {Stream[]} */
  const streams = await data.logs(run);
  if (report.runs[run].state !== "failed" || !streams.length) return { streams, failure: null };
  if (live) {
    const trace = await data.trace(run);
    return { streams, failure: trace && { stream: trace.stream_id, lines: trace.lines } };
  }
  const stream = streams.find(({ traceback }) => traceback !== null);
  if (!stream) return { streams, failure: null };
  const lines = (stream.text ?? "").split("\n").slice(stream.traceback ?? 0);
  return { streams, failure: { stream: stream.stream_id, lines } };
}

/**
 * @param {Failure} failure
 * @param {(stream: string) => void} open
 */
function failureParts({ stream, lines }, open) {
  const last = lines.slice(-SHOWN_LINES);
  const texts = last.map((line) => colouredLines(line)[0].map(({ text }) => text).join(""));
  const above = lines.length - last.length;
  return [
    h("h2", null, "Why it failed"),
    h(
      "div",
      { class: "log" },
      h("pre", { class: "why", tabindex: "0", role: "region", "aria-label": "Traceback" }, texts.join("\n")),
    ),
    h(
      "p",
      { class: "quiet" },
      above > 0 && `${plural(above, "line")} of the traceback stand above these: `,
      h("button", { type: "button", class: "plain link", onclick: () => open(stream) }, "see it in the log"),
    ),
  ];
}

/**
 * @param {Stream[]} streams
 * @param {(stream: string) => void} open
 */
function logParts(streams, open) {
  const item = (/** @type {Stream} */ { name, size: bytes, stream_id: id }) =>
    h("li", null, h("button", { type: "button", class: "plain link", onclick: () => open(id) }, printable(name)), ` ${size(bytes)}`);
  const more = streams.length - SHOWN_LOGS;
  return [
    h("h2", null, "Logs"),
    h("ul", { class: "log-list" }, ...streams.slice(0, SHOWN_LOGS).map(item), more > 0 && h("li", null, `${plural(more, "other")} (Logs)`)),
  ];
}
