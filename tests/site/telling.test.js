// What tells runs apart, as Python finds it (tests/test_telling_corpus.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { differingHparams, newMetric, primaryMetric } from "../../site/page/telling.js";

const cases = JSON.parse(readFileSync(new URL("../data/telling-corpus.json", import.meta.url), "utf8"));

test("hparams that differ are those that Python finds, in its order", () => {
  for (const { rows, differing } of cases) assert.deepEqual(differingHparams(rows), differing, JSON.stringify(rows));
});

test("runs are judged by the metric that Python chooses", () => {
  for (const { rows, primary } of cases) {
    const had = new Map();
    for (const { summary } of rows) for (const name of summary) had.set(name, (had.get(name) ?? 0) + 1);
    assert.equal(primaryMetric(had), primary, JSON.stringify(rows));
  }
});

test("a metric stands in the group of its first part, or of the stage that it begins with", () => {
  const groups = ["val/acc", "val/a/b", "train_loss", "valid.x", "loss", "/x", "testing"].map((name) => newMetric(name).group);
  assert.deepEqual(groups, ["val", "val", "train", "valid", "", "", ""]);
});
