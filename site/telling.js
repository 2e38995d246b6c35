// What tells runs apart and what they are judged by, out of their rows: as spt_cli/choice/telling.py and
// spt_cli/report/primary.py do for an exported page.

import { scalar } from "./format.js";
import { goalByName } from "./ranking.js";

const WORDY = 24; // characters: longer texts are paths and sentences, which tell no more than ids
const ITEM = /\.[0-9]+$/; // of a list: `tags.0`

/**
 * hparams whose values differ between *runs*, those of most runs first, then those that split the runs most evenly.
 * @param {any[]} runs rows
 * @returns {string[]}
 */
export function differingHparams(runs) {
  /** @type {Map<string, Map<string, number>>} */
  const values = new Map();
  for (const { hparams } of runs) {
    for (const key in hparams) {
      let found = values.get(key);
      if (!found) values.set(key, (found = new Map()));
      const text = scalar(hparams[key]);
      found.set(text, (found.get(text) ?? 0) + 1);
    }
  }
  const ranked = [...values].flatMap(([key, found]) => {
    let [had, most] = [0, 0];
    for (const number of found.values()) [had, most] = [had + number, Math.max(most, number)];
    const different = found.size + (had < runs.length && !found.has("") ? 1 : 0); // null looks as missing does
    const wordy = ITEM.test(key) || [...found.keys()].some((text) => text.length > WORDY || text.includes("/"));
    return different > 1 && !wordy ? [{ key, had, share: most / had }] : [];
  });
  return ranked.sort((a, b) => b.had - a.had || a.share - b.share || (a.key < b.key ? -1 : 1)).map(({ key }) => key);
}

// for the record
const RECORDS = new Set(["epoch", "epochs", "step", "steps", "lr", "time", "seconds", "grad", "norm", "memory", "samples"]);
const GOODS = new Set(
  ("acc accuracy top1 top5 auc auroc auprc map f1 recall precision score reward return iou miou dice bleu rouge psnr " +
    "ssim r2").split(" "),
);
const STAGE_WORDS = [["val", "valid", "validation"], ["eval"], ["test"]];

/**
 * The metric that most of what runs measured is judged by; null without any. One of validation before others, one that
 * says how good (accuracy) before a loss, and of these the one that most runs have. What less than half as many runs
 * have as the most common metric counts only where there is nothing else.
 * @param {Map<string, number>} had how many runs have each metric
 * @returns {string | null}
 */
export function primaryMetric(had) {
  const judging = [...had].filter(([name]) => !nameWords(name).some((word) => RECORDS.has(word)));
  const enough = judging.reduce((most, [, number]) => Math.max(most, number), 0) / 2;
  const ranked = judging.filter(([, number]) => number >= enough).map(([name, number]) => ({ name, number, rank: metricRank(name) }));
  ranked.sort(
    (a, b) => a.rank - b.rank || b.number - a.number || a.name.length - b.name.length || (a.name < b.name ? -1 : 1),
  );
  return ranked[0]?.name ?? null;
}

/** How far behind others a metric comes as the one to judge by: by its stage, then by what it says. @param {string} name */
function metricRank(name) {
  const words = nameWords(name);
  const stage = STAGE_WORDS.findIndex((some) => some.some((word) => words.includes(word)));
  const says = words.some((word) => GOODS.has(word)) ? 0 : goalByName(name) === "min" ? 1 : 2;
  return (stage < 0 ? STAGE_WORDS.length : stage) * 3 + says;
}

/** @param {string} name */
function nameWords(name) {
  return name.toLowerCase().split(/[^a-z0-9]+/);
}

const STAGED = /^(train|val|valid|validation|test|eval)[_.-]/;

/** What stands before the first `/` of a metric's name, else the stage that it begins with; "" without either. @param {string} name */
function metricGroup(name) {
  const at = name.indexOf("/");
  return at >= 0 ? name.slice(0, at) : (STAGED.exec(name)?.[1] ?? "");
}

/** A metric of which nothing is known but its name, as the report's `metrics`. @param {string} name */
export function newMetric(name) {
  const nothing = { exact: true, width: 0, buckets: 0, points: 0, band: false, counts: false, nonfinites: false };
  return { name, group: metricGroup(name), goal: goalByName(name), axis: "step", ...nothing, of: [] };
}
