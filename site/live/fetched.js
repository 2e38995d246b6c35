// The data of a page that a server shows: the same questions as data.js answers from the page itself, asked over the
// network, and what changes while the page is open (docs/http-api.md).

import { curveStore } from "./curvestore.js";
import { factStore } from "./factstore.js";
import { fetchedLogs } from "./fetchedlogs.js";
import { fetchedMedia } from "./fetchedmedia.js";
import { createLive } from "./follow.js";
import { goalByName } from "../page/ranking.js";
import { differingHparams, newMetric, primaryMetric } from "../page/telling.js";

/** @typedef {{title: string, roots: string[], stale_after: number, read_only: boolean, key: string}} Settings of the served page */

const BUCKETS = 200; // of a curve, as in an exported page

/**
 * The data of the server that *settings* came from.
 * @param {Settings} settings
 */
export async function openFetched(settings) {
  /** @type {any} */
  const report = {
    title: settings.title,
    roots: settings.roots,
    key: settings.key,
    as_of: null,
    stale_after: settings.stale_after,
    points: BUCKETS,
    primary: null,
    runs: [],
    metrics: [],
    epochs: [],
    differing: [],
    left_out: [],
    redacted: [],
    rounding: "",
  };
  /** @type {Map<string, number>} */
  const places = new Map();
  const indexOf = (/** @type {string} */ id) => places.get(id);
  const live = createLive(report, places, settings);
  const store = curveStore(report, indexOf);
  const facts = factStore(report, indexOf, live.tell);
  await live.load();
  tellApart(report);

  return {
    report,
    live: {
      ...live,
      /** @param {import("./follow.js").LiveListener} listener */
      start: (listener) =>
        live.start((changed, touched) => {
          if (touched.named && changed.has("runs")) tellApart(report);
          store.touch(touched.points);
          facts.touch(touched.points);
          listener(changed, touched);
        }),
    },
    /**
     * The curves of a metric of *runs*, once what is known of them stands in the report.
     * @param {number} metric index in report.metrics
     * @param {Iterable<number>} runs
     */
    async curves(metric, runs) {
      const [curves] = await Promise.all([store.curves(metric, [...runs]), facts.need([...runs])]);
      return curves;
    },
    /** The same of a part along x, in narrower buckets. @param {number} metric @param {number[]} runs @param {[number, number]} within */
    finer: (metric, runs, within) => store.curves(metric, runs, within),
    epochs: facts.epochs,
    /** Resolves when best and last of all metrics of *runs* are in the report; then the page is told of "facts". @param {number[]} runs */
    facts: facts.need,
    /** The same for runs that are only seen in a list; a server is not asked for them all the time. @param {number[]} runs */
    glance: facts.glance,
    ...fetchedLogs((run) => report.runs[run].run_id),
    media: (/** @type {number} */ run) => fetchedMedia(report.runs[run].run_id),
  };
}

/** What the names in the rows of *report* come to: its metrics, hparams that differ, what runs are judged by. @param {any} report */
function tellApart(report) {
  const runs = report.runs.filter((/** @type {any} */ { gone }) => !gone);
  /** @type {Map<string, number>} */
  const had = new Map();
  for (const { summary } of runs) for (const name in summary) had.set(name, (had.get(name) ?? 0) + 1);
  const known = new Set(report.metrics.map((/** @type {any} */ { name }) => name));
  for (const name of had.keys()) if (!known.has(name)) report.metrics.push(newMetric(name));
  const metric = primaryMetric(had);
  report.primary = metric === null ? null : { metric, goal: goalByName(metric) };
  report.differing = differingHparams(runs);
}
