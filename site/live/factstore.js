// What is known of runs from all their points, asked for when they are looked at: which metrics they have, the best and
// the last of each, where they were requeued. A row of /api/runs has the last values only.

import { addressOf, askJson } from "./server.js";
import { newMetric } from "../page/telling.js";

const AT_ONCE = 25; // runs of a request: each is a file to be read
const OLD_FACTS = 10_000; // ms

/**
 * @param {any} report its metrics and runs are filled in
 * @param {(id: string) => number | undefined} indexOf
 * @param {(runs: number[], first: boolean) => void} onfacts *first*: of some of them nothing was known before
 */
export function factStore(report, indexOf, onfacts) {
  /** @type {Map<number, {done: Promise<void>, at: number, stale: boolean}>} by run */
  const asked = new Map();

  const fetchSome = async (/** @type {number[]} */ runs, /** @type {boolean} */ first) => {
    const ids = runs.map((run) => report.runs[run].run_id);
    const answer = await askJson(addressOf("api/facts", { run_id: ids }), { cache: "no-cache" });
    const found = new Map(answer.runs.map((/** @type {any} */ facts) => [indexOf(facts.run_id), facts]));
    putFacts(report, found);
    onfacts([...found.keys()], first);
  };
  const fetchAll = (/** @type {number[]} */ runs) => {
    const wanted = runs.filter((run) => report.runs[run].metrics_size > 0);
    for (let from = 0; from < wanted.length; from += AT_ONCE) {
      const some = wanted.slice(from, from + AT_ONCE);
      const first = some.some((run) => !asked.has(run));
      const done = fetchSome(some, first).catch(() => some.forEach((run) => asked.delete(run)));
      for (const run of some) asked.set(run, { done, at: performance.now(), stale: false });
    }
  };

  return {
    /** Resolves when the facts of *runs*, as they are now, are in the report. @param {number[]} runs @returns {Promise<any>} */
    need(runs) {
      fetchAll(runs.filter((run) => asked.get(run)?.stale ?? true));
      return Promise.all(runs.map((run) => asked.get(run)?.done));
    },
    /** The same, where they may be some seconds old. @param {number[]} runs */
    glance(runs) {
      const old = performance.now() - OLD_FACTS;
      fetchAll(runs.filter((run) => !asked.has(run) || (asked.get(run)?.stale && Number(asked.get(run)?.at) < old)));
    },
    /** Where the epochs of *runs* begin, flat pairs (step, epoch) each. @param {number[]} runs @returns {Promise<Map<number, number[]>>} */
    async epochs(runs) {
      const ids = runs.map((run) => report.runs[run].run_id);
      if (ids.length === 0) return new Map();
      const answer = await askJson(addressOf("api/facts", { run_id: ids, epochs: 1 }), { cache: "no-cache" });
      return new Map(answer.runs.map((/** @type {any} */ one) => [indexOf(one.run_id), one.epochs]));
    },
    /** Runs that have new points. @param {Set<number>} runs */
    touch(runs) {
      for (const run of runs) {
        const known = asked.get(run);
        if (known) known.stale = true;
      }
    },
  };
}

/**
 * @param {any} report
 * @param {Map<number | undefined, any>} found facts by run
 */
function putFacts(report, found) {
  const known = new Map(report.metrics.map((/** @type {any} */ metric) => [metric.name, metric]));
  /** @type {Map<any, any[]>} what is new of each metric */
  const entries = new Map();
  for (const [run, { attempts, metrics }] of found) {
    if (run === undefined) continue;
    report.runs[run].attempts = attempts;
    for (const [name, facts] of Object.entries(metrics)) {
      if (!known.has(name)) known.set(name, report.metrics[report.metrics.push(newMetric(name)) - 1]);
      const metric = known.get(name);
      entries.set(metric, [...(entries.get(metric) ?? []), { run, ...facts }]);
    }
  }
  for (const metric of known.values()) {
    const others = metric.of.filter((/** @type {any} */ { run }) => !found.has(run));
    const fresh = entries.get(metric) ?? [];
    if (fresh.length || others.length < metric.of.length) metric.of = [...others, ...fresh];
  }
}
