import assert from "node:assert/strict";
import { test } from "node:test";

import { alignedMeasures, unrounded } from "../../site/base/aligned.js";
import { csvText, pointRows } from "../../site/base/csv.js";
import { drawnNotes, placeText, pointsNote } from "../../site/charts/notes.js";
import { pixels, visible } from "../../site/charts/paint.js";
import { flow } from "../../site/charts/png.js";
import { shownReadings } from "../../site/charts/tip.js";
import { ends } from "../../site/charts/values.js";

const entry = (run, more = {}) => ({ run, count: 100, nonfinite: 0, last: 0.5, min: 0.1, min_x: 3, max: 0.9, max_x: 7, ...more });
const metric = { name: "val/acc", axis: "step", exact: true, band: false, width: 0, buckets: 100, of: [entry(0), entry(2)] };

test("a chart says what its points stand for", () => {
  assert.equal(pointsNote(metric, [0, 2]), "all 200 points");
  assert.equal(pointsNote(metric, [0, 1, 2]), "all 200 points of 2 of 3 runs");
  assert.equal(pointsNote({ ...metric, band: true }, [0]), "all 100 points, means of those of one step");
  assert.equal(pointsNote({ ...metric, of: [entry(0, { count: 1 })] }, [0]), "the only point");
  const bucketed = { ...metric, exact: false, width: 64, buckets: 157, of: [entry(0, { count: 38_400 }), entry(2, { count: 38_400 })] };
  assert.equal(pointsNote(bucketed, [0, 2]), "means of 157 buckets of 64 steps, 76,800 points");
});

test("a chart says what is done to it and what is not in it", () => {
  const plain = { band: false, smooth: 0, requeues: false, unplaced: 0, hidden: 0, nonfinite: 0, x: "step", zoomed: false };
  assert.deepEqual(drawnNotes(plain), []);
  assert.deepEqual(drawnNotes({ band: true, smooth: 0.5, requeues: true, unplaced: 1, hidden: 1200, nonfinite: 2, x: "epoch", zoomed: true }), [
    "band min–max", "smoothed 0.50", "zoomed", "▾ requeued", "✕ NaN or infinity in 2 runs",
    "1,200 values at or below 0 not shown on a log axis", "1 run not shown, epoch unknown",
  ]); // prettier-ignore
});

test("places along x are in words", () => {
  assert.equal(placeText(5000, "step"), "step 5,000");
  assert.equal(placeText(5024, "step", { from: 4992, width: 64 }), "steps 4,992 to 5,055");
  assert.equal(placeText(0.5, "step", { from: 0, width: 1 }), "step 0.5");
  assert.equal(placeText(3.4172, "epoch"), "epoch 3.417");
  assert.equal(placeText(11_520, "time"), "after 3h 12m");
});

test("numbers below each other have as many decimals", () => {
  assert.deepEqual(alignedMeasures([0.855, 0.8508]), ["0.8550", "0.8508"]);
  assert.deepEqual(alignedMeasures([12.5, 3]), ["12.50", "3.00"]);
  assert.deepEqual(alignedMeasures([3, 12]), ["3", "12"]);
  assert.deepEqual(alignedMeasures([120, 0.001]), ["120", "0.001"]);
  assert.deepEqual(alignedMeasures([1e-5, 2.5e-5]), ["1e-05", "2.5e-05"]);
  assert.deepEqual(alignedMeasures([NaN, 0.5]), ["nan", "0.5000"]);
  assert.deepEqual(alignedMeasures([]), []);
});

test("a number is shown in the digits that twelve bits know of it", () => {
  assert.deepEqual([0.8199462890625, 0.100006103515625, 1234, -0.5, 0, NaN].map(unrounded), [0.82, 0.1, 1234, -0.5, 0, NaN]);
  for (const value of [0.123, 45.6, 7e-5, 0.987]) {
    const bits = Math.floor(Math.log2(value)) - 12;
    assert.equal(unrounded(Math.round(value / 2 ** bits) * 2 ** bits), value);
  }
});

test("CSV is as RFC 4180 has it", () => {
  assert.equal(csvText([["a", "b"], ['x,"y"', 1.5], ["\n", NaN], [" ", -Infinity], ["", null]]), 'a,b\n"x,""y""",1.5\n"\n",nan\n" ",-inf\n,\n');
});

test("the points of a chart are rows, gaps are none", () => {
  const line = { run: 0, metric: 1, x: [0, 64], y: [0.5, NaN], mean: Float32Array.of(0.25, NaN), min: Float32Array.of(0.1, NaN), max: null, count: Uint16Array.of(7, 0), crosses: [], requeues: [] };
  const of = { axis: "step", run: () => "g/r", metric: () => "loss" };
  assert.deepEqual(pointRows([line], { ...of, smooth: false }), [
    ["run_id", "metric", "step", "count", "mean", "min", "max"],
    ["g/r", "loss", 0, 7, 0.25, 0.1, 0.25],
  ]);
  assert.deepEqual(pointRows([{ ...line, count: null }], { ...of, smooth: true })[1], ["g/r", "loss", 0, 1, 0.25, 0.1, 0.25, 0.5]);
});

test("runs are ranked by where the metric is to go, those without a value last", () => {
  const several = { ...metric, of: [entry(0, { max: 0.7 }), entry(1, { max: null, max_x: null, min: null, nonfinite: 4 }), entry(2), entry(9)] };
  const found = (goal) => ends([several], [0, 1, 2], () => goal).map(({ run, best, x }) => [run, best, x]);
  assert.deepEqual(found("max"), [[2, 0.9, 7], [0, 0.7, 7], [1, null, null]]);
  assert.deepEqual(found("min").map(([run]) => run), [0, 2, 1]);
});

test("the focused run is among those that are read out", () => {
  const all = Array.from({ length: 30 }, (_, run) => ({ line: { run } }));
  const shown = (focus) => shownReadings(all, focus).map(({ line }) => line.run);
  assert.deepEqual(shown(null), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(shown(all[25].line), [0, 1, 2, 3, 4, 5, 6, 7, 8, 25]);
  assert.deepEqual(shown(all[3].line), shown(null));
});

test("values become pixels, also on a log axis", () => {
  const [plain, log] = [pixels(0, 10, 100, 0, false), pixels(1, 100, 0, 200, true)];
  assert.deepEqual([plain(0), plain(5), plain(10)], [100, 50, 0]);
  assert.deepEqual([log(1), log(10), log(100), log(0)], [0, 100, 200, -Infinity]);
  assert.equal(pixels(3, 3, 0, 100, false)(3), 0);
});

test("only what is in view and its neighbours are drawn", () => {
  const x = [0, 10, 20, 30, 40];
  assert.deepEqual([visible(x, [15, 25]), visible(x, [-9, 99]), visible(x, [41, 50]), visible([5], [0, 9])], [[1, 3], [0, 4], [4, 4], [0, 0]]);
});

test("a legend flows into rows", () => {
  assert.deepEqual(flow([50, 50, 50, 200], 120), [{ left: 0, row: 0 }, { left: 66, row: 0 }, { left: 0, row: 1 }, { left: 0, row: 2 }]);
  assert.deepEqual(flow([], 120), []);
});
