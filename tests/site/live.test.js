// What a served page makes of what the server tells: events, rows, the ends of curves.

import assert from "node:assert/strict";
import { test } from "node:test";

import { mergeRows, nothingTouched, saysMore } from "../../site/live/merging.js";
import { steadyRows } from "../../site/table/rows.js";
import { addressOf } from "../../site/live/server.js";
import { eventReader } from "../../site/live/stream.js";
import { curvesOf, tailStart, withTail } from "../../site/live/tails.js";

test("events are read however the stream is cut, comments are none", () => {
  const text = 'retry: 2000\nevent: ready\nid: e-1\ndata: {}\n\n: still here\n\nevent: update\nid: e-2\ndata: {"changed":["a"]}\n\n';
  const whole = [
    { kind: "ready", id: "e-1", data: {} },
    { kind: "update", id: "e-2", data: { changed: ["a"] } },
  ];
  for (let size = 1; size < text.length; size += 1) {
    const read = eventReader();
    const found = [];
    for (let from = 0; from < text.length; from += size) found.push(...read(text.slice(from, from + size)));
    assert.deepEqual(found, whole);
  }
});

test("an address bears every byte of an id", () => {
  globalThis.document = { baseURI: "http://h:1/spt/" };
  assert.equal(addressOf("api/x", { run_id: ["a/b&c", "ü\udcff😀\ud800"] }), "http://h:1/spt/api/x?run_id=a%2Fb%26c&run_id=%C3%BC%ff%F0%9F%98%80%EF%BF%BD");
  delete globalThis.document;
});

const row = (run_id, more = {}) => ({
  run_id, display_name: run_id, status: null, state: "running", ended_at: null, version: "1", metrics_size: 10, hparams: {}, summary: {}, ...more,
}); // prettier-ignore

/** Runs after one change after the other, and what the last of them touched. */
function merged(...changes) {
  const [runs, places] = [[], new Map()];
  let touched = nothingTouched();
  for (const { rows = [], removed = [] } of changes) mergeRows(runs, places, rows, removed, (touched = nothingTouched()));
  return { runs, touched };
}

test("a run keeps its index whatever becomes of it", () => {
  const { runs } = merged({ rows: [row("a"), row("b")] }, { removed: ["a", "unknown"] }, { rows: [row("c")] }, { rows: [row("a")] });
  assert.deepEqual(runs.map(({ run_id, gone }) => [run_id, Boolean(gone)]), [["a", false], ["b", false], ["c", false]]); // prettier-ignore
});

test("of a run that is gone nothing is left but its name", () => {
  const { runs, touched } = merged({ rows: [row("a", { summary: { acc: 1 }, tags: ["x"] })] }, { removed: ["a"] });
  assert.deepEqual([runs[0].gone, runs[0].shown, runs[0].summary, runs[0].tags, touched.gone], [true, false, {}, [], [0]]);
});

test("a row that says nothing new is known again, one of a run that was gone is new", () => {
  const { runs } = merged({ rows: [row("a"), row("b")] }, { removed: ["b"] });
  assert.deepEqual([saysMore(row("a"), runs[0]), saysMore(row("a", { notes: "x" }), runs[0]), saysMore(row("b"), runs[1])], [false, true, true]);
  assert.equal(saysMore(row("c"), undefined), true);
});

test("points are new where metrics grew, and where a row says nothing of why it comes", () => {
  const first = { rows: [row("a"), row("b"), row("c"), row("d")] };
  const then = { rows: [row("a", { metrics_size: 11 }), row("b", { state: "completed" }), row("c"), row("d", { heartbeat_at: 2 })] };
  assert.deepEqual([...merged(first, then).touched.points], [0, 2, 3]);
});

test("names are looked up anew where there are others, and only there", () => {
  const named = (more) => merged({ rows: [row("a", { summary: { acc: 1 }, hparams: { tags: ["x"] } })] }, { rows: [row("a", more)] }).touched.named;
  const same = { summary: { acc: 2 }, hparams: { tags: ["x"] } };
  assert.equal(named(same), false);
  assert.equal(named({ ...same, summary: { acc: 1, loss: 2 } }), true);
  assert.equal(named({ ...same, hparams: { tags: ["y"] } }), true);
  assert.equal(named({ ...same, display_name: "b" }), true);
});

test("rows that stay keep their order, new ones stand behind what they follow, others go", () => {
  const rows = (...runs) => runs.map((run) => ({ run, group: null }));
  const order = (shown, next) => steadyRows(rows(...shown), rows(...next)).map(({ run }) => run);
  assert.deepEqual(order([1, 2, 3], [3, 2, 1]), [1, 2, 3]);
  assert.deepEqual(order([1, 2, 3], [9, 3, 8, 1]), [9, 1, 3, 8]);
  assert.deepEqual(order([], [2, 1]), [2, 1]);
  const under = steadyRows(rows(1, 2, 3), rows(9, 3, 8, 1), true);
  assert.deepEqual(under.map(({ run }) => run), [1, 3, 9, 8], "nothing moves under the mouse"); // prettier-ignore
});

const indexOf = (id) => ({ a: 0, b: 1 })[id];
const bucketed = () =>
  curvesOf({
    metric: "m", axis: "step", exact: false, width: 10, x: [5, 15, 25], start: [0, 10, 20],
    runs: [{ run_id: "a", mean: [1, 2, 3], count: [10, 10, 4] }, { run_id: "b", mean: [4, 5, null], count: [10, 2, 0], nonfinite: [0, 1, 0] }],
  }, indexOf); // prettier-ignore

test("the end that is fetched begins where all that grew have something", () => {
  assert.deepEqual([tailStart(bucketed(), [0]), tailStart(bucketed(), [0, 1]), tailStart(bucketed(), [7]), tailStart(bucketed(), [0, 7])], [20, 10, 20, 20]);
  assert.equal(tailStart({ x: new Float64Array(), start: null, exact: true, width: 0, runs: [] }, [0]), null);
});

test("an end takes the place of what stood there, empty buckets between included", () => {
  const tail = { metric: "m", exact: false, width: 10, after: 20, runs: [{ run_id: "a", before: 20, at: [20, 50], mean: [3.5, 6], min: [3, 6], max: [4, 6], count: [8, 1] }] };
  const grown = withTail(bucketed(), tail, indexOf, 200);
  assert.deepEqual([[...grown.x], [...grown.start]], [[5, 15, 25, 35, 45, 55], [0, 10, 20, 30, 40, 50]]); // prettier-ignore
  const [a, b] = grown.runs;
  assert.deepEqual([[...a.mean], [...a.min], [...a.max], [...a.count]], [[1, 2, 3.5, NaN, NaN, 6], [1, 2, 3, NaN, NaN, 6], [1, 2, 4, NaN, NaN, 6], [10, 10, 8, 0, 0, 1]]); // prettier-ignore
  assert.deepEqual([[...b.mean], [...b.count], [...b.nonfinite]], [[4, 5, NaN, NaN, NaN, NaN], [10, 2, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]);
});

test("where each x stands for itself new ones stand in their order", () => {
  const curves = curvesOf({ metric: "m", axis: "step", exact: true, x: [0, 2, 4], runs: [{ run_id: "a", mean: [1, null, 3] }, { run_id: "b", mean: [null, 2, 4] }] }, indexOf);
  const tail = { metric: "m", exact: true, width: 0, after: 4, runs: [{ run_id: "a", before: 1, at: [4, 5], mean: [3, 9] }] };
  const grown = withTail(curves, tail, indexOf, 200);
  assert.deepEqual([...grown.x], [0, 2, 4, 5]);
  assert.deepEqual(grown.runs.map(({ mean }) => [...mean]), [[1, NaN, 3, 9], [NaN, 2, 4, NaN]]); // prettier-ignore
});

test("all is fetched again where an end does not fit", () => {
  const tail = (more) => ({ metric: "m", exact: false, width: 10, after: 20, runs: [{ run_id: "a", before: 20, at: [20], mean: [3], count: [5] }], ...more });
  assert.notEqual(withTail(bucketed(), tail({}), indexOf, 200), null);
  assert.equal(withTail(bucketed(), tail({ after: undefined }), indexOf, 200), null, "wider buckets");
  assert.equal(withTail(bucketed(), tail({ width: 20 }), indexOf, 200), null, "other buckets");
  assert.equal(withTail(bucketed(), tail({ runs: [{ run_id: "a", before: 19, at: [20], mean: [3] }] }), indexOf, 200), null, "rewritten before");
  assert.equal(withTail(bucketed(), tail({ runs: [{ run_id: "a", before: 20, at: [20, 90], mean: [3, 3] }] }), indexOf, 9), null, "too many");
  assert.equal(withTail(bucketed(), tail({ runs: [{ run_id: "c", before: 0, at: [20], mean: [3] }] }), indexOf, 200), null, "another run");
});
