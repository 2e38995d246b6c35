// What the overview counts: days of the calendar, folders below folders.

import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Europe/Zurich"; // where a day of March has 23 hours

const { spanAt, spanName, spansUntil } = await import("../../site/overview/days.js");
const { FOLDER_CONDITIONS, folderCondition, folderIn, foldersBelow, pathTo } = await import("../../site/overview/folders.js");
const { exceptionIn } = await import("../../site/overview/runlists.js");
const { partsOf } = await import("../../site/filter/conditions.js");

const rows = ["a/x/1", "a/x/2", "a/y/1", "a/3", "b/1"].map((run_id) => ({ run_id }));
const moment = (/** @type {string} */ text) => new Date(text).getTime() / 1000;

test("thirty days end with that of the newest run", () => {
  const days = spansUntil("day", moment("2026-11-23T10:00"));
  assert.equal(days.length, 30);
  assert.deepEqual([days[0].first, days[29].first, days[29].after], ["2026-10-25", "2026-11-23", "2026-11-24"]);
  assert.equal(days[0].to - days[0].from, 25 * 3600); // clocks are set back
});

test("weeks begin on Monday, months on their first", () => {
  const weeks = spansUntil("week", moment("2026-11-22T23:59"));
  assert.equal(spanName("week", weeks[25]), "2026-11-16 to 2026-11-22");
  const months = spansUntil("month", moment("2026-01-31T12:00"));
  assert.deepEqual([months[0], months[23]].map((span) => spanName("month", span)), ["2024-02", "2026-01"]);
});

test("hours begin where clocks show them, also when these are set back", () => {
  const hours = spansUntil("hour", moment("2026-10-25T03:20"));
  assert.deepEqual([hours.length, hours[47].first, hours[47].after], [48, "2026-10-25 03:00", "2026-10-25 04:00"]);
  assert.deepEqual(hours.slice(43, 47).map(({ first }) => first.slice(11)), ["00:00", "01:00", "02:00", "02:00"]);
  assert.equal(spanAt(hours, moment("2026-10-25T03:59")), 47);
  process.env.TZ = "Asia/Kathmandu"; // 5:45 from UTC
  for (const minute of ["10:00", "10:10", "10:50"]) {
    assert.equal(spansUntil("hour", moment(`2026-11-23T${minute}`))[47].first, "2026-11-23 10:00");
  }
  process.env.TZ = "Europe/Zurich";
});

test("a moment belongs to one span, or stands before or after them", () => {
  const days = spansUntil("day", moment("2026-11-23T10:00"));
  assert.equal(spanAt(days, days[3].from), 3);
  assert.equal(spanAt(days, days[3].to), 4);
  assert.equal(spanAt(days, days[0].from - 1), -1);
  assert.equal(spanAt(days, days[29].to), 30);
});

test("folders right below, and what is in none of them", () => {
  assert.deepEqual(foldersBelow(rows, [0, 1, 2, 3, 4], ""), {
    at: "",
    folders: [
      { name: "a", prefix: "a/", runs: [0, 1, 2, 3] },
      { name: "b", prefix: "b/", runs: [4] },
    ],
    loose: [],
  });
  assert.deepEqual(foldersBelow(rows, [0, 1, 2, 3], "a/").loose, [3]);
});

test("a folder that holds all others is gone through", () => {
  assert.equal(foldersBelow(rows, [0, 1, 2], "").at, "a/");
  assert.deepEqual(foldersBelow(rows, [0, 1], ""), { at: "a/", folders: [{ name: "x", prefix: "a/x/", runs: [0, 1] }], loose: [] });
});

test("a condition leads back to its folder", () => {
  for (const prefix of ["a/", "a.b/c d/", 'x"y/\\z/', "é/(1)/"]) {
    const condition = folderCondition(prefix);
    assert.match(condition, FOLDER_CONDITIONS);
    assert.equal(folderIn(partsOf(`state == "failed" and ${condition}`)), prefix);
  }
  assert.equal(folderIn(partsOf('run_id == "a/x"')), "");
});

test("the path to a folder", () => {
  assert.deepEqual(pathTo("a/x/"), [{ name: "a", prefix: "a/" }, { name: "x", prefix: "a/x/" }]);
  assert.deepEqual(pathTo(""), []);
});

test("the exception stands below the last frame", () => {
  const lines = ["Traceback (most recent call last):", '  File "train.py", line 3, in <module>', "    main()"];
  assert.equal(exceptionIn([...lines, "ValueError: no such width", "seen: 3", ""]), "ValueError: no such width");
  assert.equal(exceptionIn([...lines, "\u001b[31mKeyError: 'lr'\u001b[0m"]), "KeyError: 'lr'");
  assert.equal(exceptionIn(["[rank0]: RuntimeError: lost", ""]), "[rank0]: RuntimeError: lost");
  assert.equal(exceptionIn([]), "");
});
