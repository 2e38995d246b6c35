import assert from "node:assert/strict";
import { test } from "node:test";

import { extent, linesOf, nearest, readings, roomy } from "../../site/charts/lines.js";

const X = Float64Array.of(0, 10, 20, 30);
const curve = (run, mean, more = {}) => ({ run, mean: Float32Array.from(mean), min: null, max: null, count: null, nonfinite: null, ...more });
const curves = (...runs) => ({ x: X, start: null, exact: true, runs });
const only = (settings, ...runs) => linesOf(curves(...runs), { metric: 0, ...settings });

test("a line is what was logged, along the x that all share", () => {
  const { lines, unplaced, hidden } = only({}, curve(3, [1, 2, NaN, 4]));
  assert.deepEqual([lines.length, lines[0].run, lines[0].y === lines[0].mean, lines[0].x === X], [1, 3, true, true]);
  assert.deepEqual([unplaced, hidden], [[], 0]);
});

test("values that a log axis cannot hold are left out and counted", () => {
  const { lines, hidden } = only({ logy: true }, curve(0, [-1, 0, 3, NaN]), curve(1, [1, 1, 1, 1]));
  assert.deepEqual([[...lines[0].y], hidden], [[NaN, NaN, 3, NaN], 2]);
  assert.equal(lines[1].y, lines[1].mean);
});

test("step 0 has no place on a log axis", () => {
  const { lines, hidden } = only({ logx: true }, curve(0, [1, 2, 3, 4]));
  assert.deepEqual([[...lines[0].y], hidden], [[NaN, 2, 3, 4], 1]);
});

test("runs whose epochs nobody knows are named, not drawn elsewhere", () => {
  const scales = new Map([[0, null], [1, { at: [0, 100], value: [0, 10] }]]);
  const { lines, unplaced } = only({ scales, attempts: () => [0, 50] }, curve(0, [1, 1, 1, 1]), curve(1, [1, 1, 1, 1]));
  assert.deepEqual([unplaced, [...lines[0].x], lines[0].requeues], [[0], [0, 1, 2, 3], [5]]);
});

test("crosses stand where NaN begins, at the height where the line broke off", () => {
  const nonfinite = Uint8Array.of(0, 1, 1, 0);
  const { lines } = only({}, curve(0, [1, NaN, NaN, 4], { nonfinite }));
  assert.deepEqual(lines[0].crosses, [{ x: 10, y: 1 }]);
});

test("a run that logged NaN from the start has its cross at no height", () => {
  const { lines } = only({}, curve(0, [NaN, NaN, NaN, NaN], { nonfinite: Uint8Array.of(1, 1, 1, 1) }));
  assert.deepEqual(lines[0].crosses, [{ x: 0, y: NaN }]);
  assert.deepEqual(extent(lines), { x: [0, 0], y: null });
});

test("each stretch of NaN has a cross", () => {
  const { lines } = only({}, curve(0, [1, 2, NaN, 3], { nonfinite: Uint8Array.of(1, 0, 3, 0) }));
  assert.deepEqual(lines[0].crosses, [{ x: 0, y: 1 }, { x: 20, y: 2 }]);
});

test("only later attempts are boundaries", () => {
  assert.deepEqual(only({ attempts: () => [0, 20] }, curve(0, [1, 2, 3, 4])).lines[0].requeues, [20]);
  assert.deepEqual(only({ attempts: () => [] }, curve(0, [1, 2, 3, 4])).lines[0].requeues, []);
});

test("the extent holds the lines, and the bands when they are shown", () => {
  const { lines } = only({}, curve(0, [1, 2, 3, 4], { min: Float32Array.of(0, 1, 2, 3), max: Float32Array.of(9, 3, 4, 5) }));
  assert.deepEqual(extent(lines), { x: [0, 30], y: [1, 4] });
  assert.deepEqual(extent(lines, { bands: true }), { x: [0, 30], y: [0, 9] });
  assert.deepEqual(extent(lines, { bands: true, logy: true }), { x: [0, 30], y: [1, 9] });
});

test("the extent along y is that of the part which is looked at", () => {
  const { lines } = only({}, curve(0, [100, 2, 3, 400]));
  assert.deepEqual(extent(lines, { within: [5, 25] }), { x: [0, 30], y: [2, 3] });
});

test("a log axis takes values away, and makes no line a smoothed one", () => {
  const { lines } = only({ logy: true }, curve(0, [0, 10, 0, 10]));
  assert.deepEqual([[...lines[0].y], lines[0].smooth], [[NaN, 10, NaN, 10], false]);
  assert.equal(only({ logy: true, smooth: 0.5 }, curve(0, [0, 10, 0, 10])).lines[0].smooth, true);
});

test("with smoothing the extent holds the curve as it was logged too", () => {
  const { lines } = only({ smooth: 0.9 }, curve(0, [0, 10, 0, 10]));
  assert.deepEqual(extent(lines).y, [0, 10]);
});

test("ranges have room, also where everything is equal or nothing is there", () => {
  assert.deepEqual(roomy([0.2, 1.2], false), [0.2 - 0.05, 1.25]);
  assert.deepEqual(roomy([0.01, 1.01], false, { floor: true }), [0, 1.06]);
  assert.deepEqual(roomy([0, 10], false, { share: 0.1 }), [-1, 11]);
  assert.deepEqual(roomy([5, 5], false), [4.5, 5.5]);
  assert.deepEqual(roomy([0, 0], false, { floor: true }), [0, 1]);
  assert.deepEqual(roomy([3, 3], true), [1.5, 6]);
  assert.deepEqual([roomy(null, false), roomy(null, true)], [[0, 1], [0.1, 1]]);
  const [low, high] = roomy([1e-300, 1e307], true); // the one is more than a float holds times the other
  assert.ok(0 < low && low < 1e-300 && 1e307 < high && high < Infinity);
});

test("what is nearest", () => {
  assert.deepEqual([-5, 4, 6, 29, 99].map((x) => nearest(X, x)), [0, 0, 1, 3, 3]);
  assert.deepEqual([nearest(Float64Array.of(7), 1), nearest(new Float64Array(0), 1)], [0, -1]);
});

test("readings are sorted, the best first, without runs that have nothing there", () => {
  const { lines } = only({}, curve(0, [1, 5, 1, 1]), curve(1, [1, 9, 1, 1]), curve(2, [1, NaN, 1, 1]));
  const shown = (goal) => readings(lines, 11, goal).map(({ line, y, count }) => [line.run, y, count]);
  assert.deepEqual(shown("max"), [[1, 9, 1], [0, 5, 1]]);
  assert.deepEqual(shown("min"), [[0, 5, 1], [1, 9, 1]]);
});

test("a reading tells the band and the mean behind a smoothed line", () => {
  const band = { min: Float32Array.of(0, 1, 2, 3), max: Float32Array.of(2, 3, 4, 5), count: Uint16Array.of(7, 8, 9, 9) };
  const { lines } = only({ smooth: 0.5 }, curve(0, [1, 2, 3, 4], band));
  const [{ x, y, mean, min, max, count }] = readings(lines, 0, "max");
  assert.deepEqual({ x, y, mean, min, max, count }, { x: 0, y: 1, mean: 1, min: 0, max: 2, count: 7 });
});

test("nothing is read far outside of a run", () => {
  const scales = new Map([[0, { at: [0, 30], value: [0, 3] }]]);
  const { lines } = only({ scales }, curve(0, [1, 2, 3, 4]));
  assert.deepEqual([3, 4, 4.5, -2].map((x) => readings(lines, x, "max").length), [1, 1, 0, 0]);
});
