// Lists of runs in the overview: what failed last and why, what is newest.

import { colouredLines } from "../evidence/ansi.js";
import { h, show, write } from "../base/dom.js";
import { evidenceOf } from "../evidence/evidence.js";
import { ago, duration, measure, printable } from "../base/format.js";
import { arrange } from "../base/keyed.js";
import { durationOf } from "../filter/names.js";
import { stateMark } from "../page/states.js";

const LISTED_RUNS = 6;
const LONGEST_CAUSE = 300; // characters

/**
 * Some runs, with what is to be known of each.
 * @param {import("../page/page.js").Page} page
 * @param {string} title
 * @param {(rows: any[], runs: number[]) => {run: number, moment: number | null}[]} chosen
 * @param {{why?: boolean}} [how] why: with the exceptions of those that failed
 */
export function runList(page, title, chosen, { why = false } = {}) {
  const list = h("ul", { class: "run-list" });
  const none = h("p", { class: "quiet" }, "None.");
  const element = h("section", { class: "part" }, h("h2", null, title), list, none);
  const { report, store } = page;
  const causes = causesOf(page);
  return {
    element,
    update() {
      const found = chosen(report.runs, page.filtered().runs).slice(0, LISTED_RUNS);
      show(none, found.length === 0);
      arrange(list, found, {
        key: ({ run }) => `${report.runs[run].run_id}\n${report.runs[run].state}`,
        make({ run }) {
          const { run_id, state } = report.runs[run];
          const link = (/** @type {any} */ props, /** @type {any} */ patch) =>
            h("button", { type: "button", class: "plain link", onclick: () => store.set(patch), ...props });
          const name = link({ title: printable(run_id) }, { view: "run", run: run_id });
          const log = link({ "aria-label": `log of ${page.name(run)}` }, { view: "logs", log: [run_id] });
          log.append("log");
          const mark = stateMark(state, "", { short: true });
          const cause = h("p", { class: "cause", hidden: true });
          return h("li", null, mark, name, h("span", { class: "quiet" }), log, cause);
        },
        update(item, { run, moment }) {
          const row = report.runs[run];
          write(item.children[1], page.name(run));
          write(item.children[2], said(page, run, row, moment));
          if (why && row.state === "failed") void causes(run).then((text) => tellCause(item.lastElementChild, text));
        },
      });
    },
  };
}

/**
 * `3h ago, after 2h 05m, 0.82`.
 * @param {import("../page/page.js").Page} page
 * @param {number} run
 * @param {any} row
 * @param {number | null} moment
 */
function said(page, run, row, moment) {
  const { now, asOf } = page.clock();
  const [lasted, { best, last }] = [duration(durationOf(row, asOf)), page.score(run)];
  const ended = row.state === "running" ? "for" : "after";
  return [moment === null ? "" : `${ago(now - moment)} ago`, lasted && `${ended} ${lasted}`, measure(best ?? last)]
    .filter(Boolean)
    .join(", ");
}

/**
 * A function run -> the exception that ended it, "" where its logs tell of none. It is asked for once a run.
 * @param {import("../page/page.js").Page} page
 */
function causesOf(page) {
  /** @type {Map<string, Promise<string>>} */
  const known = new Map();
  return (/** @type {number} */ run) => {
    const { run_id, ended_at } = page.report.runs[run];
    const key = `${run_id}\n${ended_at}`;
    const found = async () => exceptionIn((await evidenceOf(page, run)).failure?.lines ?? []);
    if (!known.has(key)) known.set(key, found().catch(() => ""));
    return /** @type {Promise<string>} */ (known.get(key));
  };
}

/** @param {any} element @param {string} text */
function tellCause(element, text) {
  write(element, text);
  element.title = text; // it may be cut
  show(element, text !== "");
}

/**
 * The line of a traceback that names the exception: what stands below its last frame.
 * @param {string[]} lines
 */
export function exceptionIn(lines) {
  const texts = lines.map((line) => colouredLines(line)[0].map(({ text }) => text).join(""));
  const frame = texts.findLastIndex((text) => /^\s+File "/.test(text));
  const found = texts.slice(frame + 1).find((text) => /^\S/.test(text)) ?? texts.findLast((text) => text.trim() !== "");
  return printable(found ?? "").slice(0, LONGEST_CAUSE);
}

/** Those that failed or went silent, the last first. @param {any[]} rows @param {number[]} runs */
export function failures(rows, runs) {
  const ended = (/** @type {number} */ run) => rows[run].ended_at ?? rows[run].heartbeat_at ?? rows[run].created_at;
  return latest(runs.filter((run) => ["failed", "stale"].includes(rows[run].state)), ended);
}

/** @param {any[]} rows @param {number[]} runs */
export function newcomers(rows, runs) {
  return latest(runs, (run) => rows[run].created_at);
}

/** @param {number[]} runs @param {(run: number) => number | null} moment */
function latest(runs, moment) {
  const found = runs.map((run) => ({ run, moment: moment(run) }));
  return found.sort((a, b) => (b.moment ?? 0) - (a.moment ?? 0) || a.run - b.run);
}
