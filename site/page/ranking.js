// Which run is best: last and best values of a metric for every run of a report, and the order they make.

/**
 * What is known of one metric of one run. A run whose curves are not in the page has its last value from the summary,
 * which is at most as good as the best, or of the primary metric the best of its sparkline, a mean over many points:
 * then `exact` is false.
 * @typedef {{last: number | null, best: number | null, x: number | null, exact: boolean}} Score
 */

const LOSSES = /(^|[^a-z])(loss|err|error|perplexity|ppl|nll|mse|mae)($|[^a-z])/i;
const NOTHING = Object.freeze({ last: null, best: null, x: null, exact: true });

/**
 * Whether *metric* is to be brought down ("min") or up ("max"), by the words of its name.
 * @param {string} metric
 */
export function goalByName(metric) {
  return LOSSES.test(metric) ? "min" : "max";
}

/**
 * A function (run index, metric, goal) -> Score over *report*; it remembers what it has looked up.
 * @param {any} report
 * @returns {(run: number, metric: string, goal: string) => Score}
 */
export function scorer(report) {
  /** @type {Map<string, {metric: any, of: any[], byRun: Map<number, any>}>} */
  const found = new Map();
  const entries = (/** @type {string} */ name) => {
    let known = found.get(name);
    if (!known || known.metric?.of !== known.of) {
      const metric = known?.metric ?? report.metrics.find((/** @type {any} */ one) => one.name === name);
      const byRun = new Map((metric?.of ?? []).map((/** @type {any} */ one) => [one.run, one]));
      found.set(name, (known = { metric, of: metric?.of, byRun }));
    }
    return known.byRun;
  };
  return (run, metric, goal) => {
    if (!metric) return NOTHING;
    const entry = entries(metric).get(run);
    if (entry) {
      const [best, x] = goal === "min" ? [entry.min, entry.min_x] : [entry.max, entry.max_x];
      return { last: entry.last, best, x, exact: true };
    }
    const value = report.runs[run].summary[metric];
    const last = Number.isFinite(value) ? value : null;
    const spark = metric === report.primary?.metric ? report.runs[run].spark.filter(Number.isFinite) : [];
    const best = spark.length
      ? spark.reduce((/** @type {number} */ a, /** @type {number} */ b) => ((goal === "min") === a < b ? a : b))
      : last;
    return { last, best, x: null, exact: false };
  };
}

/**
 * *runs*, the best first; those without the metric come last, and equals stay in their order (newest first).
 * @param {number[]} runs indices
 * @param {(run: number) => Score} score
 * @param {string} goal
 * @returns {number[]}
 */
export function ranked(runs, score, goal) {
  const sign = goal === "min" ? 1 : -1;
  const places = runs.map((run) => {
    const { best, last } = score(run);
    const value = best ?? last;
    return { run, place: value === null ? Infinity : sign * value };
  });
  return places.sort((a, b) => (a.place === b.place ? 0 : a.place - b.place)).map(({ run }) => run);
}
