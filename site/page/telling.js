// What tells runs apart and what they are judged by, out of their rows: as spt_cli/choice/telling.py does for an
// exported page. tests/data/telling-corpus.json holds both to the same.

import { scalar } from "../base/format.js";
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

const STAGE_WORDS = [["val", "valid", "validation"], ["eval", "evaluation"], ["test"]];
const KINDS = [
  "acc accuracy auc auprc auroc bleu dice f1 iou map miou precision psnr r2 recall return reward rouge score ssim top1 top5",
  "loss err error perplexity ppl nll mse mae",
  "",
  "grad memory norm samples seconds time",
  "epoch epochs lr step steps",
].map((words) => new Set(words.split(" "))); // scores, losses, others, what is for the record, plans
const [OTHER_KIND, RECORD_KIND] = [2, 3];

/**
 * The one metric that runs are judged by; null without any. One of validation before others, one that says how good
 * (accuracy) before a loss, and of these the one that most runs have. What less than half as many runs have as the most
 * common metric counts only where there is nothing else.
 * @param {Map<string, number>} had how many runs have each metric
 * @returns {string | null}
 */
export function primaryMetric(had) {
  const judging = [...had].filter(([name]) => metricKind(name) < RECORD_KIND);
  const enough = judging.reduce((most, [, number]) => Math.max(most, number), 0) / 2;
  const ranked = judging
    .filter(([, number]) => number >= enough)
    .map(([name, number]) => ({ name, number, rank: metricStage(name) * KINDS.length + metricKind(name) }));
  ranked.sort((a, b) => a.rank - b.rank || b.number - a.number || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return ranked[0]?.name ?? null;
}

/** @param {string} name */
function metricStage(name) {
  const stage = STAGE_WORDS.findIndex((some) => some.some((word) => nameWords(name).has(word)));
  return stage < 0 ? STAGE_WORDS.length : stage;
}

/** What the words of a name say: `val/acc_norm` is a score and no norm, `loss_step` a loss and no counter. @param {string} name */
function metricKind(name) {
  const kind = KINDS.findIndex((words) => [...nameWords(name)].some((word) => word !== "" && words.has(word)));
  return kind < 0 ? OTHER_KIND : kind;
}

/** The words of a name, with their digits and without: `top1` is one, and so is the `err` of `err5`. @param {string} name */
function nameWords(name) {
  return new Set([...name.toLowerCase().split(/[^a-z0-9]+/), ...name.toLowerCase().split(/[^a-z]+/)]);
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
