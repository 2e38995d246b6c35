import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { gzipSync } from "node:zlib";

import { chunkSize, inflateChunk, openData, readChunk } from "../../site/page/data.js";
import { chunk } from "./chunks.js";

const bucketed = {
  name: "loss", axis: "step", exact: false, width: 10, buckets: 3, band: true, counts: true, nonfinites: true,
  of: [{ run: 4 }, { run: 1 }],
}; // prettier-ignore
const planes = {
  x: Float64Array.of(5, 15, 25),
  start: Float64Array.of(0, 10, 20),
  mean: Float32Array.of(1, 2, NaN, -0.5, 2 ** 127, 2 ** -100),
  min: upper(0.5, 1, 0, 0.5, 2 ** 126, 0),
  max: upper(0.5, 7, 0, 0.5, 2 ** 127, 0),
  count: Uint16Array.of(10, 65535, 0, 1, 2, 3),
  nonfinite: Uint8Array.of(0, 0, 255, 1, 0, 0),
};
const ends = {
  min: Float32Array.of(0.5, 1, NaN, -1, 2 ** 126, 2 ** -100),
  max: Float32Array.of(1.5, 9, NaN, 0, 3.4028234663852886e38, 2 ** -100),
};
const bucketedText = chunk(...Object.values(planes));
const whole = {
  x: planes.x,
  start: planes.start,
  exact: false,
  width: 10,
  runs: [4, 1].map((run, row) => {
    const cut = (plane) => plane.slice(row * 3, row * 3 + 3);
    const { mean, count, nonfinite } = planes;
    return { run, mean: cut(mean), min: cut(ends.min), max: cut(ends.max), count: cut(count), nonfinite: cut(nonfinite) };
  }),
};

const exact = { name: "acc", axis: "step", exact: true, width: 0, buckets: 2, band: false, counts: false, nonfinites: false, of: [{ run: 0 }] };
const exactText = chunk(Float64Array.of(1, 2), Float32Array.of(0.25, 0.5));

/** How far bands reach, as a chunk has it: the upper bits of float32, rounded up. */
function upper(...reaches) {
  return Uint16Array.from(new Uint32Array(Float32Array.from(reaches).buffer), (bits) => Math.ceil(bits / 2 ** 19));
}

/** The curves in a chunk. */
async function decodeCurves(text, metric) {
  return readChunk(await inflateChunk(text, chunkSize(metric)), metric);
}

/** As a page holds it. */
function packedJson(value) {
  return gzipSync(JSON.stringify(value)).toString("base64");
}

/** How often each element was looked for. */
let looked = {};

/** A page with these elements by id, for openData. */
function page(elements) {
  globalThis.document = {
    getElementById(id) {
      looked[id] = (looked[id] ?? 0) + 1;
      return id in elements ? { textContent: elements[id] } : null;
    },
  };
}
afterEach(() => {
  delete globalThis.document;
  looked = {};
});

test("a chunk is decoded to the numbers it was made of", async () => {
  assert.deepEqual(await decodeCurves(bucketedText, bucketed), whole);
});

test("planes that the metric's entry denies are null", async () => {
  const runs = [{ run: 0, mean: Float32Array.of(0.25, 0.5), min: null, max: null, count: null, nonfinite: null }];
  assert.deepEqual(await decodeCurves(exactText, exact), { x: Float64Array.of(1, 2), start: null, exact: true, width: 0, runs });
});

test("the white space that stands around a chunk in the markup is no part of it", async () => {
  assert.equal((await decodeCurves(`\n  ${exactText}\n`, exact)).runs.length, 1);
});

test("browsers without Uint8Array.fromBase64 decode the same", async (context) => {
  const native = Uint8Array.fromBase64;
  Uint8Array.fromBase64 = undefined;
  context.after(() => (Uint8Array.fromBase64 = native));
  assert.deepEqual(await decodeCurves(bucketedText, bucketed), whole);
});

test("browsers with Uint8Array.fromBase64 use it", async (context) => {
  const native = Uint8Array.fromBase64;
  const given = [];
  Uint8Array.fromBase64 = (text) => given.push(text) && new Uint8Array(Buffer.from(text, "base64"));
  context.after(() => (Uint8Array.fromBase64 = native));
  assert.deepEqual(await decodeCurves(exactText, exact).then(() => given), [exactText]);
});

test("only the runs that are asked for are read", async () => {
  const bytes = await inflateChunk(bucketedText, chunkSize(bucketed));
  assert.deepEqual(readChunk(bytes, bucketed, new Set([1, 7])), { ...whole, runs: [whole.runs[1]] });
  assert.deepEqual(readChunk(bytes, bucketed, new Set()), { ...whole, runs: [] });
});

test("a chunk without runs or buckets is empty", () => {
  const none = readChunk(new Uint8Array(0), { ...exact, of: [], buckets: 0 });
  assert.deepEqual(none, { x: new Float64Array(0), start: null, exact: true, width: 0, runs: [] });
});

test("a chunk that is too short or too long is refused, never read as something else", async () => {
  const size = chunkSize(bucketed);
  await assert.rejects(inflateChunk(bucketedText, size + 1), /cut short/);
  await assert.rejects(inflateChunk(bucketedText, size - 1), /longer than the report says/);
});

test("what is no gzip rejects", async () => {
  await assert.rejects(decodeCurves("AAAA", exact));
});

test("a page gives its report at once and the rest when asked", async () => {
  const report = { runs: [{}, {}], metrics: [bucketed, exact] };
  page({
    report: packedJson(report),
    "curves-0": bucketedText,
    "curves-1": exactText,
    "logs-1": '[{"name": "a"}]',
    "media-0": '[{"step": 1}]',
  });
  const data = await openData();
  assert.deepEqual(data.report, report);
  assert.deepEqual(await data.curves(0), whole);
  assert.deepEqual((await data.curves(0, [1, 7])).runs, [whole.runs[1]]);
  assert.deepEqual([await data.logs(0), await data.logs(1)], [[], [{ name: "a" }]]);
  assert.deepEqual([await data.media(0), await data.media(1)], [[{ step: 1 }], []]);
});

test("a metric is decoded once while it is in use, and anew when many others were shown since", async () => {
  const metrics = Array.from({ length: 40 }, () => exact);
  page({ report: packedJson({ runs: [{}], metrics }), ...Object.fromEntries(metrics.map((_, m) => [`curves-${m}`, exactText])) });
  const data = await openData();
  const asked = () => looked["curves-0"];
  await data.curves(0);
  await data.curves(0, [0]);
  assert.equal(asked(), 1);
  for (let metric = 1; metric < 40; metric += 1) await data.curves(metric);
  await data.curves(0);
  assert.equal(asked(), 2);
});
