import assert from "node:assert/strict";
import { test } from "node:test";

import { smoothed } from "../../site/charts/smooth.js";

const rounded = (values) => [...values].map((value) => Number(value.toPrecision(6)));

test("without smoothing the curve is itself", () => {
  const mean = Float32Array.of(1, NaN, 3);
  assert.equal(smoothed(mean, null, 0), mean);
});

test("a constant stays what it is from the first point on: there is no pull to zero", () => {
  assert.deepEqual(rounded(smoothed(Float32Array.of(7, 7, 7, 7), null, 0.9)), [7, 7, 7, 7]);
});

test("the mean is weighted by the age of values", () => {
  // by hand: 4, (4 * 0.5 + 8) / 1.5, (4 * 0.25 + 8 * 0.5 + 2) / 1.75
  assert.deepEqual(rounded(smoothed(Float32Array.of(4, 8, 2), null, 0.5)), rounded([4, 20 / 3, 4]));
});

test("a bucket with many values weighs as they would", () => {
  // three of usual size 2 and four values at once: a bucket of 4 is two buckets of 2
  const [one, two] = [smoothed(Float32Array.of(1, 5, 5, 3), null, 0.8), smoothed(Float32Array.of(1, 5, 3), [2, 4, 2], 0.8 ** (8 / 3 / 2))];
  assert.deepEqual(rounded([two[0], two[1], two[2]]), rounded([one[0], one[2], one[3]]));
});

test("an almost empty bucket hardly moves the mean", () => {
  const [before, after] = smoothed(Float32Array.of(1, 100), [1000, 1], 0.5);
  assert.ok(before === 1 && after < 1.2, `${after}`);
});

test("a gap stays a gap and is not forgotten about", () => {
  const [first, gap, next] = smoothed(Float32Array.of(4, NaN, 8), null, 0.5);
  assert.deepEqual(rounded([first, next]), rounded([4, 20 / 3]));
  assert.ok(Number.isNaN(gap));
});

test("nothing but gaps is nothing but gaps", () => {
  assert.deepEqual([...smoothed(Float32Array.of(NaN, NaN), [0, 0], 0.9)], [NaN, NaN]);
});
