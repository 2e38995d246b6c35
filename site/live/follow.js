// What happens to the runs while the page is open: the rows that changed are fetched, put into the report, and told to
// the page at most once a frame. A page that nobody sees does nothing, and catches up when it is looked at.

import { mergeRows, nothingTouched, saysMore } from "./merging.js";
import { ServerError, addressOf, ask, askJson } from "./server.js";
import { sharedStream } from "./sharing.js";

/** @typedef {import("./merging.js").Touched} Touched */
/** @typedef {"loading" | "live" | "reconnecting" | "paused" | "refused"} LiveStatus loading: the first scan runs */
/** @typedef {{phase: string, total: number, done: number, initial_done: boolean}} Scan */
/** @typedef {(changed: Set<string>, touched: Touched) => void} LiveListener */
/** @typedef {ReturnType<typeof createLive>} Live */

const AGAIN = 1_000; // ms until rows that could not be fetched are asked for again

/** Of which start of the server a cursor is. @param {string} cursor */
function epochOf(cursor) {
  return cursor.slice(0, cursor.lastIndexOf("-"));
}

/**
 * @param {{runs: any[]}} report
 * @param {Map<string, number>} places indices by run id; both are filled here
 * @param {{read_only: boolean}} settings
 */
export function createLive(report, places, settings) {
  /** @type {LiveListener} */
  let listener = () => {};
  let stream = /** @type {"live" | "reconnecting" | "refused"} */ ("live");
  /** @type {Scan} */
  let scan = { phase: "starting", total: 0, done: 0, initial_done: false };
  /** @type {Scan | null} what becomes of it with the next frame */
  let scanned = null;
  let [cursor, heard, paused] = ["", Date.now(), false];
  let whole = false; // all rows are to be fetched: what the cursor says is not known any more
  /** @type {Promise<void> | null} */
  let pulling = null;
  let again = false;
  let frame = 0;
  let touched = nothingTouched();
  /** @type {{rows: any[], removed: string[], anew: boolean}[]} not in the report yet; *anew*: anything else may have changed, too */
  let waiting = [];
  /** @type {Set<string>} */
  let changed = new Set();

  const flush = () => {
    frame = 0;
    for (const { rows, removed, anew } of waiting) {
      mergeRows(report.runs, places, rows, removed, touched);
      if (anew) report.runs.forEach(({ gone }, run) => gone || touched.points.add(run));
    }
    if (touched.runs.size && waiting.length) changed.add("runs");
    if (touched.points.size) changed.add("points");
    const [keys, what] = [changed, touched];
    [changed, touched, waiting] = [new Set(), nothingTouched(), []];
    if (keys.size) listener(keys, what);
    if (!scanned) return;
    [scan, scanned] = [scanned, null]; // now that all that was found is shown
    tellStatus();
  };
  const soon = () => {
    frame ||= requestAnimationFrame(flush);
  };
  const tellStatus = () => {
    changed.add("status");
    soon();
  };

  const fetchScan = () => askJson(addressOf("api/scan-status"), { cache: "no-store" });
  const fetchAll = async () => {
    const { initial_done: complete } = await fetchScan(); // else who is not there may not have been found yet
    const answer = await ask(addressOf("api/runs"), { cache: "no-store" });
    cursor = answer.headers.get("x-spt-cursor") ?? "";
    /** @type {any[]} */
    const rows = await answer.json();
    const there = new Set(rows.map(({ run_id }) => run_id));
    whole &&= !complete;
    const removed = complete ? [...places.keys()].filter((id) => !there.has(id)) : [];
    return { rows: rows.filter((row) => saysMore(row, report.runs[places.get(row.run_id) ?? -1])), removed, anew: true };
  };
  const fetchNews = async () => {
    if (whole || !cursor) return fetchAll();
    try {
      const news = await askJson(addressOf("api/runs", { since: cursor }), { cache: "no-store" });
      cursor = news.cursor;
      return { rows: news.changed, removed: news.removed, anew: false };
    } catch (error) {
      if (!(error instanceof ServerError) || error.status !== 410) throw error;
      whole = true;
      return fetchAll();
    }
  };
  const pullAll = async () => {
    try {
      while (again && !paused) {
        again = false;
        const news = await fetchNews();
        heard = Date.now();
        if (news.rows.length === 0 && news.removed.length === 0 && !news.anew) continue;
        waiting.push(news);
        soon();
      }
    } catch {
      setTimeout(() => stream === "live" && void pull(), AGAIN); // else it is done when the stream is back
    } finally {
      pulling = null;
    }
  };
  /** Fetches what is new, once more when it is asked to meanwhile. */
  const pull = () => {
    again = true;
    return (pulling ??= pullAll());
  };

  /** The first scan has ended. @param {Scan} data */
  const ended = async (data) => {
    await pull();
    scanned = data;
    soon();
  };

  let leave = () => {};
  const join = () => {
    leave = sharedStream(addressOf("api/stream"), {
      onjoin: () => void pull(),
      onalive: () => (heard = Date.now()),
      onstatus(next) {
        if (next === stream) return;
        stream = next;
        tellStatus();
      },
      onevent({ kind, id, data }) {
        if (epochOf(id) !== epochOf(cursor)) whole = true; // the server was started anew
        if (kind === "progress") {
          if (scan.initial_done || !data.initial_done) scan = data;
          else void ended(data);
          tellStatus();
        }
        if (kind === "resync") whole = true;
        if (kind === "resync" || kind === "update") void pull();
      },
    });
  };
  const see = () => {
    const hidden = document.visibilityState === "hidden";
    if (hidden === paused) return;
    paused = hidden;
    if (paused) leave();
    else {
      join();
      void pull();
    }
    tellStatus();
  };

  /** @returns {LiveStatus} */
  const status = () => (stream !== "live" ? stream : paused ? "paused" : scan.initial_done ? "live" : "loading");

  return {
    readOnly: settings.read_only,
    status,
    /** Seconds since the server was last heard: the page shows what was true then. */
    age: () => (Date.now() - heard) / 1000,
    /** How far the first scan is. */
    scan: () => scan,
    /** Fetches all runs that are known so far; to be awaited before anything else. */
    async load() {
      scan = await fetchScan();
      const { rows } = await fetchAll();
      mergeRows(report.runs, places, rows, [], nothingTouched());
    },
    /**
     * The page is told of "facts" with the next frame: more is known of *runs*.
     * @param {number[]} runs
     * @param {boolean} first of some of them nothing was known
     */
    tell(runs, first) {
      for (const run of runs) touched.runs.add(run);
      touched.named ||= first;
      changed.add("facts");
      soon();
    },
    /** Follows from now on, and tells *next* what changed. @param {LiveListener} next */
    start(next) {
      listener = next;
      document.addEventListener("visibilitychange", see);
      paused = document.visibilityState === "hidden";
      if (!paused) join();
    },
    /**
     * Stores *fields* of a run (display_name, notes, tags, archived), if they are as the page shows them.
     * @param {number} run its index
     * @param {Record<string, any>} fields
     * @returns {Promise<{ok?: true, conflict?: Record<string, any>, error?: string}>}
     */
    async edit(run, fields) {
      const { run_id, version } = report.runs[run];
      const headers = { "content-type": "application/json", ...(version ? { "if-match": `"${version}"` } : {}) };
      try {
        await ask(addressOf("api/run-meta"), { method: "PATCH", headers, body: JSON.stringify({ run_id, ...fields }) });
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        void pull();
        return error.status === 409 ? { conflict: error.answer?.current ?? {}, error: error.message } : { error: error.message };
      }
      await pull();
      return { ok: true };
    },
  };
}
