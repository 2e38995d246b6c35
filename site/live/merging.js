// Rows that came over the network, put into the report in their places. An index once given stays: what refers to a run
// by it (colours, curves, panels) need not be told when others come and go.

/**
 * What a change came to: indices of runs.
 * @typedef {object} Touched
 * @property {Set<number>} runs whose rows came, changed or went, and those with new points
 * @property {Set<number>} points whose metrics.csv (or, as far as rows tell, anything else) grew
 * @property {number[]} came
 * @property {number[]} gone
 * @property {boolean} named whether there are other names, hparams or metrics than before
 */

/** @returns {Touched} */
export function nothingTouched() {
  return { runs: new Set(), points: new Set(), came: [], gone: [], named: false };
}

/**
 * Puts *rows* into *runs*, and takes out those that *removed* names: of them a row without values stays, `gone`.
 * @param {any[]} runs of the report
 * @param {Map<string, number>} places indices by run id
 * @param {any[]} rows as /api/runs has them
 * @param {string[]} removed run ids
 * @param {Touched} touched is added to
 */
export function mergeRows(runs, places, rows, removed, touched) {
  for (const row of rows) {
    const known = places.get(row.run_id);
    const before = known === undefined ? null : runs[known];
    const place = known ?? runs.length;
    if (!before || before.gone) {
      places.set(row.run_id, place);
      touched.came.push(place);
    } else if (sameRow(before, row)) touched.points.add(place);
    if (before && before.metrics_size !== row.metrics_size) touched.points.add(place);
    touched.runs.add(place);
    touched.named ||= !before || before.gone || renamed(before, row);
    runs[place] = completedRow(row, before);
  }
  for (const id of removed) {
    const place = places.get(id);
    if (place === undefined || runs[place].gone) continue;
    runs[place] = goneRow(runs[place]);
    touched.gone.push(place);
    touched.runs.add(place);
    touched.named = true;
  }
}

/** Whether *row* says anything that is not *known*. @param {any} row @param {any} known its row in the report, if any */
export function saysMore(row, known) {
  if (!known || known.gone) return true;
  return Object.keys(row).some((key) => JSON.stringify(row[key] ?? "") !== JSON.stringify(known[key] ?? ""));
}

/** A row with what a report has besides, which stays as it was *before*. @param {any} row @param {any} before */
function completedRow(row, before) {
  row.status ??= "";
  row.shown = true;
  row.attempts = before?.attempts ?? [];
  row.spark = before?.spark ?? [];
  return row;
}

/** What is left of a run that is no more: nothing is found in it, and its name is known. @param {any} row */
function goneRow({ run_id, run_dir, display_name }) {
  const empty = { tags: [], notes: "", hparams: {}, summary: {}, spark: [], attempts: [], problems: [], version: "" };
  const unknown = { created_at: null, ended_at: null, heartbeat_at: null, checkpoint_path: null, metrics_size: 0 };
  const not = { status: "", state: "", alive: false, archived: false, has_media: false, shown: false };
  return { run_id, run_dir, display_name, ...empty, ...unknown, ...not, gone: true };
}

/** Whether nothing that a row tells has changed but that the run lives. @param {any} a @param {any} b */
function sameRow(a, b) {
  return ["state", "ended_at", "version", "metrics_size"].every((key) => a[key] === b[key]) && sameValues(a.summary, b.summary);
}

/** Whether *b* has another name, other hparams or metrics than *a*. @param {any} a @param {any} b */
function renamed(a, b) {
  const metrics = Object.keys(b.summary);
  return (
    a.display_name !== b.display_name ||
    metrics.length !== Object.keys(a.summary).length ||
    metrics.some((name) => !Object.hasOwn(a.summary, name)) ||
    !sameValues(a.hparams, b.hparams)
  );
}

/** @param {Record<string, any>} a @param {Record<string, any>} b */
function sameValues(a, b) {
  const keys = Object.keys(b);
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key] || String(a[key]) === String(b[key]));
}
