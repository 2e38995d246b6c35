// Rows, groups, labels, colours and ranks: what the run table is made of.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { assignSlots, slotStyle } from "../../site/base/colors.js";
import { hparamLines } from "../../site/compare/hparams.js";
import { runLabels } from "../../site/page/labels.js";
import { goalByName, ranked, scorer } from "../../site/page/ranking.js";
import { groupedRuns, sortedRuns, spreadOf } from "../../site/table/rows.js";
import { stateCounts } from "../../site/page/states.js";
import { groupText } from "../../site/table/widths.js";

const run = (run_id, more = {}) => ({
  run_id,
  display_name: run_id.split("/").pop(),
  hparams: {},
  summary: {},
  spark: [],
  state: "completed",
  ...more,
});

test("in both directions runs without a value come last, those that are NaN before them", () => {
  const values = [3, null, NaN, "b", 1, "a", 2];
  const names = (order) => order.map((place) => values[place]);
  assert.deepEqual(names(sortedRuns([...values.keys()], (place) => values[place], false)), [
    1,
    2,
    3,
    "a",
    "b",
    NaN,
    null,
  ]);
  assert.deepEqual(names(sortedRuns([...values.keys()], (place) => values[place], true)), [
    "b",
    "a",
    3,
    2,
    1,
    NaN,
    null,
  ]);
});

test("equals stay in order", () => {
  assert.deepEqual(
    sortedRuns([0, 1, 2, 3], (place) => place % 2, true),
    [1, 3, 0, 2],
  );
});

test("groups share a value, or all that differ but one", () => {
  const report = {
    differing: ["model.width", "seed"],
    runs: [
      run("a", { hparams: { "model.width": 64, seed: 0 } }),
      run("b", { hparams: { "model.width": 32, seed: 0 } }),
      run("c", { hparams: { "model.width": 64, seed: 1 } }),
      run("d"),
    ],
  };
  const told = (by) => groupedRuns(report, [0, 1, 2, 3], by).map(({ label, runs }) => [label, runs]);
  assert.deepEqual(told("model.width"), [
    ["width 64", [0, 2]],
    ["width 32", [1]],
    ["no width", [3]],
  ]);
  assert.deepEqual(told("-seed"), [
    ["width 64", [0, 2]],
    ["width 32", [1]],
    ["no hparams", [3]],
  ]);
});

test("mean and sample standard deviation, of what is finite", () => {
  assert.deepEqual(spreadOf([1, 3, null, NaN, "x"]), { mean: 2, spread: Math.SQRT2, count: 2 });
  assert.deepEqual(spreadOf([5]), { mean: 5, spread: null, count: 1 });
  assert.equal(spreadOf([null]), null);
});

test("mean and spread of a group are as exact as two digits of the spread", () => {
  const text = (values, format = String) => groupText({ value: (run) => values[run], format }, [...values.keys()]);
  assert.equal(text([0.8, 0.81, 0.82]), "0.810 ± 0.010");
  assert.equal(text([0.31, 0.5666]), "0.44 ± 0.18");
  assert.deepEqual([text([64, 128, 256]), text([5]), text([null])], ["149 ± 98", "5", ""]);
  assert.deepEqual([text([2, 2]), text([60, 90], (seconds) => `${seconds}s`).slice(0, 9)], ["2 ± 0", "75s ± 21."]);
});

test("labels are the shortest ends of ids that differ, behind a name that a person gave twice", () => {
  const runs = [
    run("a/x/1"),
    run("a/y/1"),
    run("b/y/1"),
    run("z"),
    run("m/n", { display_name: "best" }),
    run("o/n", { display_name: "best" }),
    run("p/q", { display_name: "only" }),
  ];
  assert.deepEqual(runLabels(runs), ["x/1", "a/y/1", "b/y/1", "z", "best (m/n)", "best (o/n)", "only"]);
});

test("a label that looks like another's end is told apart", () => {
  const labels = runLabels([run("a/b"), run("b", { display_name: "a/b" }), run("c/a/b")]);
  assert.equal(new Set(labels).size, 3);
});

test("a run keeps its slot, others take the lowest that is free", () => {
  const first = assignSlots(new Map(), ["a", "b", "c"]);
  assert.deepEqual(
    [...first],
    [
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ],
  );
  assert.deepEqual(
    [...assignSlots(first, ["c", "d", "a", "e"])],
    [
      ["c", 2],
      ["a", 0],
      ["d", 1],
      ["e", 3],
    ],
  );
});

test("forty slots look different, then they come round", () => {
  const looks = Array.from({ length: 40 }, (_, number) => JSON.stringify({ ...slotStyle(number, false), number: 0 }));
  assert.equal(new Set(looks).size, 40);
  assert.deepEqual({ ...slotStyle(40, true), number: 0 }, slotStyle(0, true));
});

/** Relative luminance, as WCAG has it. */
function luminance([red, green, blue]) {
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);

test("the small charts of those without scripts have the same colours", () => {
  const style = readFileSync(new URL("../../site/page/page.css", import.meta.url), "utf8");
  const found = [...style.matchAll(/--slot(\d): (#\w+);/g)].map(([, number, color]) => [Number(number), color]);
  const expected = [false, true, true].flatMap((dark) =>
    Array.from({ length: 8 }, (_, number) => [number, slotStyle(number, dark).color]),
  );
  assert.deepEqual(found, expected);
});

test("every colour stands out from its background by 3 to 1", () => {
  for (const dark of [false, true]) {
    const ground = luminance(rgb(dark ? "#14171c" : "#ffffff"));
    for (let number = 0; number < 10; number += 1) {
      const light = luminance(rgb(slotStyle(number, dark).color));
      const contrast = (Math.max(light, ground) + 0.05) / (Math.min(light, ground) + 0.05);
      assert.ok(contrast >= 3, `${slotStyle(number, dark).color}: ${contrast}`);
    }
  }
});

// Viénot, Brettel and Mollon 1999, in linear RGB; tritanopia by Machado 2009 at full strength.
const BLIND = {
  none: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
  deuteranopia: [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}; // prettier-ignore

/** CIE L*a*b* of linear RGB. */
function lab(linear) {
  const [r, g, b] = linear.map((value) => Math.min(1, Math.max(0, value)));
  const f = (t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
  ].map(f);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

for (const [kind, matrix] of Object.entries(BLIND)) {
  test(`all ten colours differ to people with ${kind}`, () => {
    for (const dark of [false, true]) {
      const seen = Array.from({ length: 10 }, (_, number) => {
        const linear = rgb(slotStyle(number, dark).color).map((value) =>
          value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
        );
        return lab(matrix.map((row) => row.reduce((sum, factor, at) => sum + factor * linear[at], 0)));
      });
      let closest = Infinity;
      for (let a = 0; a < 10; a += 1)
        for (let b = 0; b < a; b += 1)
          closest = Math.min(closest, Math.hypot(...seen[a].map((value, at) => value - seen[b][at])));
      assert.ok(closest > (kind === "none" ? 35 : 20), `${dark ? "dark" : "light"}: ${closest}`);
    }
  });
}

test("losses go down by the words of their name", () => {
  assert.deepEqual(["val/loss", "test_err", "MSE", "lossless", "val/acc", "erratic"].map(goalByName), [
    "min",
    "min",
    "min",
    "max",
    "max",
    "max",
  ]);
});

test("scores are exact where curves are, else the last value and the best of the sparkline", () => {
  const report = {
    primary: { metric: "m", goal: "max" },
    metrics: [{ name: "m", of: [{ run: 0, last: 1, min: 0, min_x: 5, max: 3, max_x: 7 }] }],
    runs: [run("a"), run("b", { summary: { m: 2 }, spark: [1, null, 4, 2] }), run("c", { summary: { m: null } })],
  };
  const score = scorer(report);
  assert.deepEqual(score(0, "m", "max"), { last: 1, best: 3, x: 7, exact: true });
  assert.deepEqual(score(0, "m", "min"), { last: 1, best: 0, x: 5, exact: true });
  assert.deepEqual(score(1, "m", "max"), { last: 2, best: 4, x: null, exact: false });
  assert.deepEqual(score(1, "m", "min"), { last: 2, best: 1, x: null, exact: false });
  assert.deepEqual(score(2, "m", "max"), { last: null, best: null, x: null, exact: false });
  assert.deepEqual(
    ranked([0, 1, 2], (place) => score(place, "m", "max"), "max"),
    [1, 0, 2],
  );
  assert.deepEqual(
    ranked([0, 1, 2], (place) => score(place, "m", "min"), "min"),
    [0, 1, 2],
  );
});

test("hparams that differ come first, the most telling before others; missing is not null", () => {
  const lines = hparamLines(
    [run("a", { hparams: { z: 1, same: 2, b: null, k: 1 } }), run("b", { hparams: { z: 2, same: 2, k: "1" } })],
    ["z"],
  );
  assert.deepEqual(
    lines.map(({ key, differs }) => [key, differs]),
    [
      ["z", true],
      ["b", true],
      ["k", true],
      ["same", false],
    ],
  );
  assert.deepEqual(lines[1].values, [null, undefined]);
});

test("states are counted, the most urgent first", () => {
  const runs = ["completed", "odd", "stale", "completed", "failed"].map((state) => run("r", { state }));
  assert.deepEqual(stateCounts(runs), [
    ["failed", 1],
    ["stale", 1],
    ["completed", 2],
    ["odd", 1],
  ]);
});
