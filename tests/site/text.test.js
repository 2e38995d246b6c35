// Numbers and texts as they are written: in tables, in logs, in messages.

import assert from "node:assert/strict";
import { test } from "node:test";

import { colouredLines } from "../../site/evidence/ansi.js";
import { durationIn, momentIn } from "../../site/base/durations.js";
import { subscript } from "../../site/filter/mistakes.js";
import { ago, count, duration, measure, plural, printable, scalar, size } from "../../site/base/format.js";
import { logOrder } from "../../site/evidence/logchoice.js";
import { picturesAt } from "../../site/evidence/media.js";
import { Names } from "../../site/filter/names.js";
import { closest } from "../../site/filter/similar.js";
import { where } from "../../site/filter/where.js";

test("metrics have four digits, whole where they are large", () => {
  const values = [0.45674, 12345.6, 123456789, 1.2346e12, 1e-5, 0, -3, NaN, Infinity, -Infinity, null, 0.1 + 0.2];
  assert.deepEqual(values.map(measure), [
    "0.4567",
    "12346",
    "123456789",
    "1.235e+12",
    "1e-05",
    "0",
    "-3",
    "nan",
    "inf",
    "-inf",
    "",
    "0.3",
  ]);
});

test("hparams are as they were typed", () => {
  assert.deepEqual([0.1, 1e-5, 1 / 3, true, null, "x", ["a", 1]].map(scalar), [
    "0.1",
    "1e-05",
    "0.333333",
    "true",
    "",
    "x",
    "a, 1",
  ]);
});

test("counts, bytes, plurals", () => {
  assert.deepEqual([812, 48000, 63100000, 2.5e9].map(count), ["812", "48.0k", "63.1M", "2.50G"]);
  assert.deepEqual([0, 812, 1400, 53e9].map(size), ["0 B", "812 B", "1.4 kB", "53 GB"]);
  assert.deepEqual(
    [plural(1, "run"), plural(1200, "run"), plural(2, "entry", "entries")],
    ["1 run", "1,200 runs", "2 entries"],
  );
});

test("lengths of time in two units, ages in one", () => {
  assert.deepEqual([0.4, 12, 303, 11520, 187200, 26784000, null, NaN].map(duration), [
    "0.4s",
    "12s",
    "5m 03s",
    "3h 12m",
    "2d 4h",
    "310d",
    "",
    "",
  ]);
  assert.deepEqual([90, 300, 10800, 172800, -5, 1e9].map(ago), ["90s", "5m", "3h", "2d", "0s", "31y"]);
});

test("what reorders or hides text is written out", () => {
  assert.equal(
    printable("a\x00\x1b[1m\n\t\u202e\u2028\ud800 \udcff🙂"),
    "a\\x00\\x1b[1m\\n\\t\\u202e\\u2028\\ud800 \\xff🙂",
  );
});

test("colours of a log become classes, and last over lines until they end", () => {
  const lines = colouredLines(
    "a \x1b[1;31mred\nstill\x1b[0m plain\x1b[38;5;46mgreen\x1b[39m\x1b[38;2;0;0;250mblue\x1b[7m\x1b[48;5;1mon\x1b[m",
  );
  const told = lines.map((pieces) => pieces.map(({ text, classes }) => [text, classes]));
  assert.deepEqual(told, [
    [["a ", ""], ["red", "ansi-red bold"]],
    [["still", "ansi-red bold"], [" plain", ""], ["green", "ansi-green"], ["blue", "ansi-blue"], ["on", "ansi-blue inverse"]],
  ]); // prettier-ignore
});

test("every sequence of colours is read, and none is left as text", () => {
  for (const codes of ["", "0", "38", "38;5", "38;5;999", "38;2;1", "999", "1;;31", "4:3", "38:5:1"]) {
    assert.equal(
      colouredLines(`\x1b[${codes}mx`)[0]
        .map(({ text }) => text)
        .join(""),
      "x",
    );
  }
});

test("durations and moments as in the command line", () => {
  assert.deepEqual(["500ms", "0.3s", "10m", "3 h", "2d", "7", "2 dyas", "-1"].map(durationIn), [
    0.5,
    0.3,
    600,
    10800,
    172800,
    7,
    null,
    null,
  ]);
  assert.equal(momentIn("2d", 1000000), 1000000 - 172800);
  assert.equal(momentIn("2026-11-20T10:00:00Z", 0), 1795168800);
  assert.equal(momentIn("2026-11-20 10:00", 0), new Date(2026, 10, 20, 10).getTime() / 1000);
  assert.equal(momentIn("yesterday", 0), null);
});

test("mistyped names find those that look like them", () => {
  assert.deepEqual(closest("widht", ["depth", "model.width", "width", "with"]), ["width", "with"]);
  assert.deepEqual(closest("zzz", ["width"]), []);
});

test("any key can be written so that it is read back", () => {
  for (const key of ['a"b', "back\\slash", "line\nfeed", "\u202e", "🙂", "layers.0"]) {
    const runs = [{ run_id: "r", hparams: { [key]: 1 }, summary: {} }];
    assert.equal(where(`${subscript("hparams", key)} == 1`, new Names(runs), { now: 0, asOf: 0 })(runs[0]), true, key);
  }
});

test("logs of failed runs come first", () => {
  const runs = ["completed", "failed", "odd", "stale", "failed"].map((state) => ({ state }));
  assert.deepEqual(logOrder(runs, runs.keys()), [1, 4, 3, 0, 2]);
});

test("pictures are all of the newest step that is not beyond the one asked for", () => {
  const pictures = [[1, "a"], [1, "a"], [5, "a"], [5, "b"], [9, "a"]].map(([step, tag], place) => ({ step, tag, place })); // prettier-ignore
  const at = (tag, step) => picturesAt(/** @type {any} */ (pictures), tag, step).map(({ place }) => place);
  assert.deepEqual([at("a", 5), at("a", 8), at("a", 0), at("b", 99), at("c", 9)], [[2], [2], [0, 1], [3], []]);
});
