import assert from "node:assert/strict";
import { test } from "node:test";

import { clockMetric, clockScale, epochScale, reached } from "../../site/charts/positions.js";

test("steps stand between the epochs that they lie in", () => {
  const scale = epochScale([0, 0, 100, 1, 300, 2]);
  assert.deepEqual([...reached([0, 50, 100, 200, 300], scale)], [0, 0.5, 1, 1.5, 2]);
});

test("the last epoch goes on at the pace of the one before", () => {
  assert.deepEqual([...reached([150, 200], epochScale([0, 0, 100, 1]))], [1.5, 2]);
});

test("a single epoch has no pace", () => {
  assert.deepEqual([...reached([0, 50], epochScale([0, 3]))], [3, 3]);
});

test("nothing was reached before the start", () => {
  assert.deepEqual([...reached([0, 10], { at: [10, 20], value: [1, 5] })], [0, 1]);
});

test("unknown epochs are null", () => {
  assert.equal(epochScale([]), null);
});

test("the clock of a run tells its seconds, between readings and beyond", () => {
  const scale = clockScale([0, 10, 20, 30], [1, NaN, 41, 61]);
  assert.deepEqual([...reached([0, 10, 20, 40], scale)], [1, 21, 41, 81]);
});

test("a clock that was reset by a requeue goes on when it has caught up", () => {
  assert.deepEqual(clockScale([0, 1, 2, 3], [0, 10, 5, 15]), { at: [0, 1, 3], value: [0, 10, 15] });
});

test("one reading is no clock", () => {
  assert.equal(clockScale([0, 1], [NaN, 4]), null);
});

test("clocks are known by name", () => {
  const report = (...names) => ({ metrics: names.map((name) => ({ name, axis: "step" })) });
  assert.equal(clockMetric(report("loss", "_runtime")), 1);
  assert.equal(clockMetric(report("time/elapsed")), 0);
  assert.equal(clockMetric(report("loss", "time/data", "runtime_error")), -1);
  assert.equal(clockMetric({ metrics: [{ name: "elapsed", axis: "epoch" }] }), -1);
});
