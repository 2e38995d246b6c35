// Logs read in the browser as they read in Python, and are followed by what they gain.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";

import { LogTail } from "../../site/live/fetchedlogs.js";
import { picturesOf } from "../../site/live/fetchedmedia.js";
import { obviousStream, ofRank } from "../../site/evidence/logchoice.js";
import { cleanText, lineBuffer } from "../../site/evidence/logtext.js";

const corpus = JSON.parse(readFileSync(new URL("../data/log-corpus.json", import.meta.url), "utf8"));
globalThis.document = /** @type {any} */ ({ baseURI: "http://here/" });
const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});
const bytes = (/** @type {string} */ text) => Uint8Array.from(Buffer.from(text, "latin1"));

test("every log of the corpus", () => {
  const read = (/** @type {any} */ { pieces, max }) => {
    const buffer = lineBuffer(max);
    return pieces.map((/** @type {string} */ piece) => {
      const lines = [...buffer.feed(bytes(piece)).map((line) => line.bytes), buffer.pending()];
      return { lines: lines.map((line) => cleanText(line, true)), plain: lines.map((line) => cleanText(line)) };
    });
  };
  const wrong = corpus
    .map((/** @type {any} */ one) => ({ ...one, found: read(one) }))
    .filter((/** @type {any} */ one) => JSON.stringify(one.read) !== JSON.stringify(one.found));
  assert.deepEqual(wrong, []);
});

/** A server with one log, *text*, that answers as ours; what it was asked stands in *asked*. */
function server(text = "") {
  const self = {
    text,
    file: "a",
    asked: /** @type {string[]} */ ([]),
    async answer(/** @type {string} */ address, /** @type {any} */ { headers }) {
      const range = headers?.range;
      const query = new URL(address).searchParams;
      self.asked.push(range ?? `${query.get("offset")} of ${query.get("file")}`);
      if (range) {
        const [first, last] = range.match(/\d+/g).map(Number);
        return new Response(self.text.slice(first, last + 1), { status: 206 });
      }
      const offset = Number(query.get("offset"));
      const same = offset <= self.text.length && ["", self.file].includes(query.get("file") ?? "");
      const start = same ? offset : Math.max(self.text.length - 3_000_000, 0);
      const piece = self.text.slice(start, start + 4_194_304);
      const told = { start, offset: start + piece.length, size: self.text.length, file: self.file };
      const named = Object.entries(told).map(([name, value]) => [`x-spt-${name}`, String(value)]);
      return new Response(piece, { headers: Object.fromEntries(named) });
    },
    tail: () => new LogTail("r", { name: "a", kind: "out", rank: null, stream_id: "a", size: self.text.length }),
  };
  globalThis.fetch = /** @type {any} */ (self.answer);
  return self;
}

test("a log is followed by what it gains, the unfinished line as it stands", async () => {
  const log = server("one\ntw");
  const tail = log.tail();
  assert.deepEqual([await tail.grow(), tail.pending], [{ anew: true, lines: [{ offset: 0, text: "one" }] }, { offset: 4, text: "tw" }]);
  log.text += "o\n10%\r20%";
  assert.deepEqual([await tail.grow(), tail.pending], [{ anew: false, lines: [{ offset: 4, text: "two" }] }, { offset: 8, text: "20%" }]);
  assert.deepEqual(await tail.grow(), { anew: false, lines: [] });
  assert.deepEqual(log.asked, ["0 of ", "6 of a", "15 of a"]);
});

test("of a large log the end is fetched, from the start of a line, and what stands before on demand", async () => {
  const log = server(Array.from({ length: 200_000 }, (_, line) => `line ${line}\n`).join(""));
  const tail = log.tail();
  const { lines } = await tail.grow();
  const fetched = log.text.length - Number(log.asked[0].split(" ")[0]);
  assert.deepEqual([fetched, tail.behind], [524_288, false]);
  assert.equal(log.text.slice(lines[0].offset, lines[0].offset + lines[0].text.length), lines[0].text);
  assert.equal(tail.before, lines[0].offset);
  const earlier = await tail.earlier();
  assert.equal(`line ${Number(lines[0].text.split(" ")[1]) - 1}`, earlier.at(-1)?.text);
  while ((await tail.earlier()).length);
  assert.equal(tail.before, 0);
});

test("a log that was cut or replaced begins anew, with its end", async () => {
  const log = server("one\ntwo\n");
  const tail = log.tail();
  await tail.grow();
  [log.text, log.file] = ["three\nfour", "b"];
  assert.deepEqual([await tail.grow(), tail.pending?.text], [{ anew: true, lines: [{ offset: 0, text: "three" }] }, "four"]);
});

test("of a log that is written faster than it is read the end is shown", async () => {
  const log = server("one\n");
  const tail = log.tail();
  await tail.grow();
  log.text += "x".repeat(99) + "\n" + "y\n".repeat(5_000_000);
  const { anew, lines } = await tail.grow();
  assert.deepEqual([anew, lines.length, tail.behind], [true, 262_143, false]);
});

test("a line without end is not held", async () => {
  const log = server("x".repeat(3_000_000));
  const tail = log.tail();
  await tail.grow();
  assert.equal(tail.pending?.text.length, 4000 + "[… 520,288 bytes left out]".length);
});

test("media are in step order, shown as what their files are", () => {
  const events = [
    { step: 5, tag: "t", type: "video", path: "media/a.GIF", caption: null },
    { step: 1, tag: "t", type: "image", path: "media/b&c.png", caption: "c" },
    { step: 1, tag: "t", type: "video", path: "media/odd", caption: null },
  ];
  const src = (/** @type {string} */ path) => `http://here/api/media-file?run_id=r&path=${path}`;
  const size = { width: null, height: null };
  assert.deepEqual(picturesOf(events, "r"), [
    { step: 1, tag: "t", type: "image", caption: "c", ...size, src: src("media%2Fb%26c.png") },
    { step: 1, tag: "t", type: "video", caption: null, ...size, src: src("media%2Fodd") },
    { step: 5, tag: "t", type: "image", caption: null, ...size, src: src("media%2Fa.GIF") },
  ]);
});

const streams = [
  ["0.out", "out", 0, 10], ["1.out", "out", 1, 10], ["job.out", "out", null, 10], ["0.err", "err", 0, 0], ["1.err", "err", 1, 10],
].map(([name, kind, rank, size]) => ({ name, kind, rank, size, stream_id: name })); // prettier-ignore
const named = (/** @type {any} */ stream) => stream?.name ?? null;

test("the obvious log is out of rank 0, of a failed run an err that holds something", () => {
  const of = (/** @type {any[]} */ some, /** @type {boolean} */ failed) => named(obviousStream(/** @type {any} */ (some), failed));
  assert.deepEqual(
    [of(streams, false), of(streams, true), of(streams.slice(1), false), of(streams.slice(3), false), of([], true)],
    ["0.out", "1.err", "job.out", "1.err", null],
  );
});

test("another rank's log is of the same kind where it has one", () => {
  const from = (/** @type {number} */ place, /** @type {number | null} */ rank) =>
    named(ofRank(/** @type {any} */ (streams), rank, /** @type {any} */ (streams[place])));
  assert.deepEqual([from(3, 1), from(0, 1), from(3, null), from(3, 7)], ["1.err", "1.out", "job.out", null]);
});
