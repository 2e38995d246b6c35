// What runs are called: as short as tells them apart.

/**
 * A label for each run: its display name where no other has it, else the shortest end of its id that no other has,
 * after the display name where a person gave it one.
 * @param {{run_id: string, display_name: string}[]} runs
 * @returns {string[]}
 */
export function runLabels(runs) {
  const given = (/** @type {{run_id: string, display_name: string}} */ run) =>
    run.display_name !== lastParts(run.run_id, 1);
  const labels = runs.map((run) => run.display_name || run.run_id);
  for (let depth = 1; ; depth += 1) {
    const twice = repeated(labels);
    if (twice.size === 0) return labels;
    let longer = false;
    runs.forEach((run, place) => {
      if (!twice.has(labels[place])) return;
      const end = lastParts(run.run_id, depth);
      const label = given(run) ? `${run.display_name} (${end})` : end;
      longer ||= label !== labels[place] || end.length < run.run_id.length;
      labels[place] = label;
    });
    if (!longer) return labels; // a report does not hold a run twice
  }
}

/**
 * @param {string} id
 * @param {number} count
 */
function lastParts(id, count) {
  return id.split("/").slice(-count).join("/");
}

/** @param {string[]} labels */
function repeated(labels) {
  const [once, twice] = [new Set(), new Set()];
  for (const label of labels) (once.has(label) ? twice : once).add(label);
  return twice;
}
