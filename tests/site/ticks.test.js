import assert from "node:assert/strict";
import { test } from "node:test";

import { ticks } from "../../site/charts/ticks.js";

const texts = (...given) => ticks(...given).texts;

test("ticks are round and written alike", () => {
  assert.deepEqual(ticks(0, 0.86, 5), { at: [0, 0.2, 0.4, 0.6, 0.8], texts: ["0", "0.2", "0.4", "0.6", "0.8"] });
  assert.deepEqual(texts(0, 3.2, 4), ["0", "1", "2", "3"]);
  assert.deepEqual(texts(0.961, 0.988, 4), ["0.97", "0.98"]);
  assert.deepEqual(texts(-1.5, 1.5, 4), ["-1", "0", "1"]);
});

test("one axis has one unit, from 10,000 on", () => {
  assert.deepEqual(texts(0, 20_000, 5), ["0", "5k", "10k", "15k", "20k"]);
  assert.deepEqual(texts(0, 9_000, 5), ["0", "2000", "4000", "6000", "8000"]);
  assert.deepEqual(texts(1e6, 2.4e6, 4), ["1.0M", "1.5M", "2.0M"]);
  assert.deepEqual(texts(0, 4e13, 4), ["0", "10T", "20T", "30T", "40T"]);
});

test("a deep zoom shows whole numbers rather than thousands with many decimals", () => {
  assert.deepEqual(texts(1_234_500, 1_234_520, 3), ["1234500", "1234510", "1234520"]);
});

test("what is tiny or huge has one exponent", () => {
  assert.deepEqual(texts(0, 0.0004, 4), ["0", "1e-4", "2e-4", "3e-4", "4e-4"]);
  assert.deepEqual(texts(0, 1e-4, 5), ["0", "0.2e-4", "0.4e-4", "0.6e-4", "0.8e-4", "1.0e-4"]);
  assert.deepEqual(texts(0, 4e20, 2), ["0", "2e20", "4e20"]);
});

test("steps are whole, unless one looks between two of them", () => {
  assert.deepEqual(texts(6, 8, 6, { kind: "whole" }), ["6", "7", "8"]);
  assert.deepEqual(texts(6, 6.5, 2, { kind: "whole" }), ["6.0", "6.5"]);
});

test("a log axis has powers of ten, and 2 and 5 between them where there is room", () => {
  assert.deepEqual(texts(0.1, 1000, 5, { log: true }), ["0.1", "1", "10", "100", "1000"]);
  assert.deepEqual(texts(1, 60, 6, { log: true }), ["1", "2", "5", "10", "20", "50"]);
  assert.deepEqual(texts(1e-8, 1, 4, { log: true }), ["1e-8", "1e-5", "1e-2"]);
  assert.deepEqual(texts(10, 100_000, 9, { log: true }), ["10", "100", "1000", "10k", "100k"]);
});

test("a log axis of less than a decade has ticks as any other", () => {
  assert.deepEqual(texts(0.35, 0.92, 4, { log: true }), ["0.4", "0.6", "0.8"]);
});

test("times have round ticks in the unit that fits", () => {
  const time = { kind: "time" };
  assert.deepEqual(texts(0, 100, 4, time), ["0", "30 s", "60 s", "90 s"]);
  assert.deepEqual(texts(0, 7200, 4, time), ["0", "30 min", "60 min", "90 min", "120 min"]);
  assert.deepEqual(texts(0, 36_000, 4, time), ["0", "3 h", "6 h", "9 h"]);
  assert.deepEqual(texts(2700, 10_800, 9, time), ["0h45", "1h00", "1h15", "1h30", "1h45", "2h00", "2h15", "2h30", "2h45", "3h00"]);
  assert.deepEqual(texts(0, 1e6, 4, time), ["0", "5 d", "10 d"]);
  assert.deepEqual(texts(0, 0.5, 3, time), ["0", "0.2 s", "0.4 s"]);
});

test("there are never more ticks than asked for and one", () => {
  for (const log of [false, true]) {
    for (const [low, high] of [[1e-9, 1], [0.5, 1e9], [3, 3.0001], [1, 11], [99, 101]]) {
      for (const most of [2, 3, 5, 9]) {
        const { at, texts } = ticks(low, high, most, { log });
        assert.ok(at.length <= most + 1, `${low} to ${high}: ${texts}`);
        assert.equal(new Set(texts).size, at.length, `${low} to ${high}: ${texts}`);
        const slack = (high - low) * 1e-6;
        assert.ok(at.every((tick) => tick >= low - slack && tick <= high + slack), `${low} to ${high}: ${texts}`);
      }
    }
  }
});

test("an axis of nothing has no ticks", () => {
  assert.deepEqual([ticks(1, 1, 5), ticks(NaN, 1, 5), ticks(0, Infinity, 5)].map(({ at }) => at), [[], [], []]);
});
