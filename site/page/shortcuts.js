// What the keys do, and what the box for the filter can say: the list that `?` opens.

import { toggleArchived } from "../run/archiving.js";
import { canEdit, focusEditor } from "../run/editing.js";
import { nextTheme } from "./header.js";

/**
 * Groups of keys for `keysView`.
 * @param {import("./page.js").Page} page
 * @param {ReturnType<typeof import("../table/runs.js").runsView>} runs
 * @param {{name: string, title: string}[]} views behind the tabs, in their order
 * @param {() => void} openViews
 */
export function shortcuts(page, runs, views, openViews) {
  const { store, report, filtered, runIndex } = page;
  const run = (/** @type {number} */ by) => {
    const found = filtered().runs;
    const next = found[found.indexOf(runIndex(store.get().run) ?? -1) + by];
    if (next !== undefined) store.set({ view: "run", run: report.runs[next].run_id });
  };
  /** The run of the table's row that has the focus, else the one whose details are shown; no other. */
  const meant = () => {
    const { view, run } = store.get();
    const row = runs.current();
    return row !== undefined || view !== "run" ? (row ?? undefined) : (runIndex(run) ?? page.selected()[0]);
  };
  return [
    {
      title: "Anywhere",
      bindings: [
        { keys: ["/"], says: "filter runs", does: runs.focusFilter },
        {
          keys: views.map((_, place) => String(place + 1)),
          says: views.map(({ title }) => title).join(", "),
          does: (/** @type {string} */ key) => store.set({ view: views[Number(key) - 1].name }),
        },
        { keys: ["b"], says: "select the best eight", does: runs.best },
        { keys: ["a"], says: "select all that the filter shows", does: runs.all },
        { keys: ["n"], says: "select none", does: runs.none },
        {
          keys: ["[", "]"],
          says: "details of the run before, of the next",
          does: (/** @type {string} */ key) => run(key === "]" ? 1 : -1),
        },
        {
          keys: ["t"],
          says: "theme: auto, light, dark",
          does: () => store.set({ theme: nextTheme(store.get().theme) }),
        },
        { keys: ["s"], says: "saved views: name this one, go to another", does: openViews },
        { keys: ["v"], says: "show archived runs, or leave them out", does: runs.toggleArchived },
        { keys: ["?"], says: "this list" },
        { keys: ["Esc"], says: "close, empty the filter, or leave a box" },
      ],
    },
    ...(canEdit(page) ? [editingKeys(page, meant)] : []),
    {
      title: "In the run table",
      bindings: [
        {
          keys: ["j", "k"],
          says: "to the table, then down and up",
          does: (/** @type {string} */ key) => runs.move(key === "j" ? 1 : -1),
        },
        { keys: ["↑", "↓", "PgUp", "PgDn", "Home", "End"], says: "move; ↓ leaves the filter box for the table" },
        { keys: ["Space"], says: "select or unselect" },
        { keys: ["Shift", "↓"], says: "select while moving" },
        { keys: ["Enter"], says: "details of the run; open or close a group" },
        { keys: ["←", "→"], says: "close or open a group" },
      ],
    },
    {
      title: "What the filter box takes: words, and what -w does",
      bindings: [
        { keys: ["vit baseline"], says: "words to search for in any field, in quotes where they are an expression" },
        { keys: ["val/acc > 0.7 and width >= 64"], says: "last values of metrics, and hparams, by name" },
        { keys: ['state in ("failed", "stale")'], says: "state, name, tags, notes, alive, archived, …" },
        { keys: ['"baseline" in tags or not seed == 0'], says: "and, or, not, in, is None, is nan" },
        { keys: ['age < "2d"'], says: "age, duration; created, ended, heartbeat" },
        { keys: ['name.matches("^vit")'], says: "a regular expression" },
        { keys: ['hparams["layers.0"] == 3'], says: "any key, written out" },
      ],
    },
  ];
}

/**
 * @param {import("./page.js").Page} page
 * @param {() => number | undefined} meant
 */
function editingKeys(page, meant) {
  const edit = () => {
    const run = meant();
    if (run === undefined) return;
    page.store.set({ view: "run", run: page.report.runs[run].run_id });
    focusEditor();
  };
  const archive = () => {
    const run = meant();
    if (run !== undefined) void toggleArchived(page, run);
  };
  return {
    title: "Editing",
    bindings: [
      { keys: ["e"], says: "name, tag and note the run of this row, or the one that is shown", does: edit },
      { keys: ["x"], says: "archive it, or restore it", does: archive },
      { keys: ["Ctrl", "Enter"], says: "save what is typed" },
    ],
  };
}
