// Curves that are asked for while they are looked at. Cards that ask at the same time ask together; of a run that went
// on only the end is fetched; what nobody looks at any more is forgotten.

import { addressOf, askJson } from "./server.js";
import { curvesOf, tailStart, withTail } from "./tails.js";

/** @typedef {import("../page/data.js").Curves} Curves */
/** @typedef {[number, number]} Range */
/** @typedef {{key: string, metric: number, runs: number[], within: Range | null, stale: Set<number>, curves: Promise<Curves>}} Kept */
/** @typedef {{metric: number, resolve: (served: any) => void, reject: (error: unknown) => void}} Waiting */

const KEPT_CURVES = 96; // those on a screen, their finer ones, and a few around
const FINER = 400; // buckets of a part that is looked at closely, on twice its width

/**
 * @param {any} report
 * @param {(id: string) => number | undefined} indexOf
 */
export function curveStore(report, indexOf) {
  /** @type {Map<string, Kept>} the one asked for last stands last */
  const kept = new Map();
  const fetched = batches((metrics, query) => {
    const names = metrics.map((metric) => report.metrics[metric].name);
    return askJson(addressOf("api/curves", { ...query, metric: names }), { cache: "no-cache" });
  });
  const ids = (/** @type {number[]} */ runs) => runs.map((run) => report.runs[run].run_id);

  const part = (/** @type {Range | null} */ within) =>
    within ? { buckets: FINER, from: within[0], to: within[1] } : { buckets: report.points };

  /** @param {Kept} one */
  const whole = async ({ metric, runs, within }) => {
    if (runs.length === 0) return { x: new Float64Array(), start: null, exact: true, width: 0, runs: [] };
    const served = await fetched(metric, { run_id: ids(runs), ...part(within) });
    const curves = curvesOf(served, indexOf);
    if (!within) describe(report.metrics[metric], served.axis, curves);
    return curves;
  };
  /** @param {Kept} one @param {Curves} before @param {number[]} stale */
  const further = async (one, before, stale) => {
    const after = tailStart(before, stale);
    if (after === null) return whole(one);
    const served = await fetched(one.metric, { run_id: ids(stale), ...part(one.within), after, width: before.width });
    const known = before.runs.filter(({ run }) => stale.includes(run)).length; // others have nothing here, as before
    const most = part(one.within).buckets;
    const grown = served.runs.length === known ? withTail(before, served, indexOf, most) : null;
    if (grown && !one.within) describe(report.metrics[one.metric], served.axis, grown);
    return grown ?? whole(one);
  };

  return {
    /**
     * The curves of *runs*; of a part along x in more and narrower buckets.
     * @param {number} metric
     * @param {number[]} runs
     * @param {Range | null} [within]
     * @returns {Promise<Curves>}
     */
    curves(metric, runs, within = null) {
      const key = [metric, runs.join(), within].join(":");
      const known = kept.get(key);
      const one = known ?? { key, metric, runs: [...runs], within, stale: new Set(), curves: Promise.resolve(/** @type {any} */ (null)) };
      if (!known) one.curves = whole(one);
      else if (one.stale.size) {
        const [stale, before] = [[...one.stale], one.curves];
        one.stale.clear();
        one.curves = before.then((curves) => further(one, curves, stale), () => whole(one));
      }
      one.curves.catch(() => kept.delete(key)); // asked again next time
      kept.delete(key);
      kept.set(key, one);
      for (const oldest of kept.keys()) {
        if (kept.size <= KEPT_CURVES) break;
        kept.delete(oldest);
      }
      return one.curves;
    },
    /** Runs that have new points. @param {Set<number>} runs */
    touch(runs) {
      for (const one of kept.values()) for (const run of one.runs) if (runs.has(run)) one.stale.add(run);
    },
  };
}

/**
 * What a chart says of *metric*, for the runs that are looked at.
 * @param {any} metric
 * @param {string | undefined} axis undefined: as it was
 * @param {Curves} curves
 */
function describe(metric, axis, { exact, width, x, runs }) {
  const has = (/** @type {"min" | "count" | "nonfinite"} */ plane) => runs.some((run) => run[plane] !== null);
  Object.assign(metric, { axis: axis ?? metric.axis, exact, width, buckets: x.length });
  Object.assign(metric, { band: has("min"), counts: has("count"), nonfinites: has("nonfinite") });
}

/**
 * A function (metric, query) -> what the server answers of that metric; those with one query that are asked for in one
 * go are one request.
 * @param {(metrics: number[], query: any) => Promise<{curves: any[]}>} ask
 */
function batches(ask) {
  /** @type {Map<string, {query: any, waiting: Waiting[]}>} */
  const open = new Map();
  const send = (/** @type {string} */ key) => {
    const { query, waiting } = /** @type {{query: any, waiting: Waiting[]}} */ (open.get(key));
    open.delete(key);
    const metrics = [...new Set(waiting.map(({ metric }) => metric))];
    ask(metrics, query).then(
      ({ curves }) => waiting.forEach(({ metric, resolve }) => resolve(curves[metrics.indexOf(metric)])),
      (error) => waiting.forEach(({ reject }) => reject(error)),
    );
  };
  return (/** @type {number} */ metric, /** @type {any} */ query) =>
    new Promise((resolve, reject) => {
      const key = JSON.stringify(query);
      const found = open.get(key);
      if (found) return found.waiting.push({ metric, resolve, reject });
      open.set(key, { query, waiting: [{ metric, resolve, reject }] });
      return setTimeout(() => send(key), 0);
    });
}
