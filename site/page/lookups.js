// What is looked up in the report again and again: runs by id, metrics by name, what runs are called, their order.

import { printable } from "../base/format.js";
import { runLabels } from "./labels.js";
import { Names } from "../filter/names.js";

/**
 * Lookups in *report*, made when they are first needed, and again after `renew`.
 * @param {any} report
 */
export function lookups(report) {
  const [runs, metrics] = [new Map(), new Map()];
  /** @type {{names: Names | null, labels: string[] | null, order: number[] | null}} */
  let made = { names: null, labels: null, order: null };

  const index = () => {
    for (let place = runs.size; place < report.runs.length; place += 1) runs.set(report.runs[place].run_id, place);
    for (let place = metrics.size; place < report.metrics.length; place += 1) metrics.set(report.metrics[place].name, place);
  };

  return {
    /** Index of a run, or undefined. @param {string} id @returns {number | undefined} */
    run(id) {
      index();
      return runs.get(id);
    },
    /** Index of a metric, or undefined. @param {string} name @returns {number | undefined} */
    metric(name) {
      index();
      return metrics.get(name);
    },
    /** The names that a selection may use. */
    names: () => (made.names ??= new Names(report.runs)),
    /** What a run is called: as short as tells it from the others, harmless to show. @param {number} run */
    name: (run) => (made.labels ??= runLabels(report.runs).map(printable))[run],
    /** Indices of all runs that are there, the newest first. */
    order: () => (made.order ??= newestFirst(report.runs)),
    /** After rows have changed. @param {import("../live/merging.js").Touched} touched */
    renew({ named }) {
      if (named) made = { names: null, labels: null, order: null };
    },
  };
}

/** @param {any[]} runs */
function newestFirst(runs) {
  const there = [...runs.keys()].filter((run) => !runs[run].gone);
  const created = (/** @type {number} */ run) => runs[run].created_at ?? -Infinity;
  return there.sort((a, b) => (created(a) === created(b) ? (runs[a].run_id < runs[b].run_id ? -1 : 1) : created(b) - created(a)));
}
