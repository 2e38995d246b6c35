import assert from "node:assert/strict";
import { test } from "node:test";

import { rangeByKey } from "../../site/compare/axishandle.js";
import { axisIn, axisText, brushSelection, brushed } from "../../site/compare/brushes.js";
import { fewValues, fieldChoices, fieldOf, fieldRange, rankCorrelation, selectionOf, spreadWide, tellingFields } from "../../site/compare/fields.js";
import { Names } from "../../site/filter/names.js";
import { shade } from "../../site/compare/shades.js";
import { where } from "../../site/filter/where.js";

const report = {
  runs: [
    { run_id: "a", hparams: { lr: 0.1, arch: "resnet50", bn: true, "layers.0": 8, seed: 3 }, summary: { "val/acc": 0.7 } },
    { run_id: "b", hparams: { lr: 0.001, arch: "resnet18", bn: false, "layers.0": 16, seed: 4 }, summary: { "val/acc": 0.9 } },
    { run_id: "c", hparams: { lr: 0.01, arch: "vit", "layers.0": null, note: 'say "x"' }, summary: {} },
  ],
  metrics: [{ name: "val/acc" }, { name: "loss" }],
  differing: ["seed", "lr", "arch", "bn"],
};
const scores = [{ last: 0.7, best: 0.8 }, { last: 0.9, best: 0.95 }, { last: null, best: null }];
const names = new Names(report.runs);
const page = {
  report,
  names: () => names,
  goalOf: () => "max",
  metricIndex: (name) => (name === "val/acc" ? 0 : name === "loss" ? 1 : undefined),
  score: (run, metric) => (metric === "val/acc" ? scores[run] : { last: NaN, best: null }),
};
const all = [0, 1, 2];
const field = (id) => fieldOf(page, id);
const places = (id) => all.map(field(id).place);

test("numbers stand where they are, words side by side in their order", () => {
  assert.deepEqual(places("hparam:lr"), [0.1, 0.001, 0.01]);
  assert.deepEqual([field("hparam:arch").words, places("hparam:arch")], [["resnet18", "resnet50", "vit"], [1, 0, 2]]);
  assert.deepEqual([field("hparam:bn").words, places("hparam:bn")], [["false", "true"], [1, 0, null]]);
  assert.deepEqual(places("hparam:layers.0"), [8, 16, null]);
});

test("metrics are compared by their last or their best value", () => {
  assert.deepEqual([places("best:val/acc"), places("last:val/acc")], [[0.8, 0.95, null], [0.7, 0.9, null]]);
  assert.deepEqual(places("last:loss"), [null, null, null]);
  assert.equal(field("best:val/acc").title, "max val/acc");
});

test("what no run has is no field", () => {
  assert.deepEqual(["hparam:x", "best:x", "x", ""].map(field), [null, null, null, null]);
  assert.deepEqual(["hparam:__proto__", "hparam:constructor"].map(field), [null, null]);
});

test("fields are offered with what differs first", () => {
  assert.deepEqual(fieldChoices(page).map(({ title, ids }) => [title, ids.length]), [
    ["hparams that differ", 4], ["best of a metric", 2], ["last of a metric", 2], ["hparams that are equal", 2],
  ]); // prettier-ignore
  assert.deepEqual(tellingFields(page), ["hparam:lr", "hparam:arch", "hparam:bn", "hparam:seed"]);
});

test("ranges and logarithms come from the runs that are looked at", () => {
  const lr = field("hparam:lr");
  assert.deepEqual([fieldRange(lr, all), fieldRange(lr, [0, 2]), fieldRange(lr, [])], [[0.001, 0.1], [0.01, 0.1], null]);
  assert.deepEqual([spreadWide(lr, all), spreadWide(lr, [0, 2]), spreadWide(field("hparam:arch"), all)], [true, false, false]);
});

test("numbers that double are looked at by their logarithm", () => {
  const sizes = (...values) => ({ words: null, place: (run) => values[run] });
  assert.equal(spreadWide(sizes(64, 128, 256), all), true);
  assert.equal(spreadWide(sizes(1, 2, 3), all), false);
  assert.equal(spreadWide(sizes(0, 1, 100), all), false);
  const ten = (/** @type {number} */ odd) => sizes(odd, 0.41, 0.52, 0.6, 0.66, 0.7, 0.73, 0.8, 0.82, 0.85);
  assert.equal(spreadWide(ten(0.01), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), false, "one that has just begun");
  assert.deepEqual(fewValues(sizes(3, 1, 3), all), [1, 3]);
  assert.equal(fewValues(sizes(...all), Array(20).fill(0)).length, 1);
  assert.equal(fewValues({ words: null, place: (run) => run }, [...Array(20).keys()]), null);
});

test("a marked range is a selection that chooses the same runs", () => {
  const now = { now: 0, asOf: 0 };
  const chosen = (text) => all.filter((run) => where(text, names, now)(report.runs[run]));
  for (const [id, low, high, expected] of [
    ["hparam:lr", 0.009, 0.11, [0, 2]],
    ["hparam:lr", 0.00123456789, 0.0999999999, [2]],
    ["hparam:arch", -0.2, 1.1, [0, 1]],
    ["hparam:arch", 1.5, 2, [2]],
    ["hparam:bn", 0.5, 1, [0]],
    ["hparam:layers.0", 8, 16, [0, 1]],
    ["hparam:note", 0, 0, [2]],
    ["last:val/acc", 0.8, 1, [1]],
  ]) {
    const text = selectionOf(field(id), low, high, all);
    assert.deepEqual(chosen(text), expected, text);
    assert.deepEqual(brushed([{ field: field(id), range: [low, high] }], all), expected, text);
  }
});

test("selections read as people write them", () => {
  assert.equal(selectionOf(field("hparam:lr"), 0.01, 0.1, all), "0.01 <= lr <= 0.1");
  assert.equal(selectionOf(field("hparam:arch"), 0, 1, all), 'arch in ("resnet50", "resnet18")');
  assert.equal(selectionOf(field("hparam:bn"), 1, 1, all), "bn == True");
  assert.equal(selectionOf(field("hparam:layers.0"), 1, 9, all), '1 <= hparams["layers.0"] <= 9');
});

test("what a selection cannot say is no selection", () => {
  assert.equal(selectionOf(field("best:val/acc"), 0, 1, all), null);
  const [lr, best] = [{ field: field("hparam:lr"), range: [0, 1] }, { field: field("best:val/acc"), range: [0, 1] }];
  assert.equal(brushSelection([lr, best], all), null);
  assert.equal(brushSelection([lr, { ...best, range: null }], all), "0 <= lr <= 1");
  assert.equal(brushSelection([{ ...lr, range: null }], all), null);
});

test("all marks must hold; without any all runs are in", () => {
  const [lr, arch] = [field("hparam:lr"), field("hparam:arch")];
  assert.deepEqual(brushed([{ field: lr, range: [0.005, 1] }, { field: arch, range: [0, 1] }], all), [0]);
  assert.deepEqual(brushed([{ field: lr, range: null }], all), all);
});

test("an axis and its mark survive the hash", () => {
  for (const [id, range] of [["hparam:a:b", null], ["best:val/acc", [0.5, 0.75]], ["hparam:1:2:hparam:x", [-3, 1e-9]]]) {
    assert.deepEqual(axisIn(axisText(id, range)), { id, range });
  }
  assert.deepEqual(axisIn("2:1:hparam:x"), { id: "hparam:x", range: null });
});

test("ranks correlate", () => {
  assert.equal(rankCorrelation([1, 2, 30], [4, 5, 6]), 1);
  assert.equal(rankCorrelation([1, 2, 3, null], [6, 5, 4, 1]), -1);
  assert.equal(rankCorrelation([1, 1, 1], [6, 5, 4]), null);
  assert.equal(rankCorrelation([1, 2], [1, 2]), null);
  assert.equal(rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4]).toFixed(3), "0.949");
});

test("shades go from end to end and no further", () => {
  assert.deepEqual([-1, 0, 1, 2].map((share) => shade(share, false)), ["rgb(68 1 84)", "rgb(68 1 84)", "rgb(92 184 59)", "rgb(92 184 59)"]);
});

test("keys mark, move and take away a range", () => {
  const axis = { whole: [0, 100], at: (value) => 100 - value, from: (pixel) => Math.min(Math.max(100 - pixel, 0), 100) };
  const key = (range, name, shiftKey = false) => rangeByKey({ ...axis, range }, { key: name, shiftKey });
  assert.deepEqual([key(null, "ArrowUp"), key(null, "ArrowDown")], [[50, 100], [0, 50]]);
  assert.deepEqual([key([10, 20], "ArrowUp"), key([10, 20], "ArrowDown")], [[15, 25], [5, 15]]);
  assert.deepEqual([key([10, 20], "ArrowUp", true), key([10, 20], "ArrowDown", true)], [[10, 25], [5, 20]]);
  assert.deepEqual([key([90, 100], "ArrowUp"), key([10, 20], "Delete"), key(null, "Escape"), key(null, "x")], [[90, 100], null, undefined, undefined]);
});
