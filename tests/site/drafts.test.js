// What somebody types and has not saved.

import assert from "node:assert/strict";
import { test } from "node:test";

import { acknowledged, decided, isContested, joinedTexts, keptDrafts, settled, typedOver } from "../../site/run/drafts.js";

const row = { notes: "a", display_name: "r1" };

test("what is typed stands over what was there when it began", () => {
  const first = typedOver({}, row, "notes", "ab");
  assert.deepEqual(first, { notes: { base: "a", mine: "ab" } });
  assert.deepEqual(typedOver(first, row, "notes", "abc"), { notes: { base: "a", mine: "abc" } });
  assert.deepEqual(typedOver(first, row, "notes", "a"), {});
});

test("what others write meanwhile is told, and stays told while one types on", () => {
  const draft = settled(typedOver({}, row, "notes", "ab"), { ...row, notes: "x" });
  assert.deepEqual(draft, { notes: { base: "a", mine: "ab", theirs: "x" } });
  assert.equal(isContested(draft), true);
  assert.deepEqual(typedOver(draft, { ...row, notes: "x" }, "notes", "abc").notes.theirs, "x");
});

test("others who write the same, or take it back, leave nothing to decide", () => {
  const draft = typedOver({}, row, "notes", "ab");
  assert.deepEqual(settled(draft, { ...row, notes: "ab" }), {});
  assert.deepEqual(settled(settled(draft, { ...row, notes: "x" }), row), draft);
  assert.deepEqual(settled(draft, { ...row, display_name: "r2" }), draft);
});

test("what is typed while a text is on its way stands over that text", () => {
  const sent = { notes: "ab" };
  const draft = typedOver({}, row, "notes", "abc");
  assert.deepEqual(acknowledged(draft, row, sent), draft);
  assert.deepEqual(acknowledged(draft, { ...row, notes: "ab" }, sent), { notes: { base: "ab", mine: "abc" } });
  assert.deepEqual(acknowledged(draft, { ...row, notes: "x" }, sent).notes.theirs, "x");
});

test("mine, theirs and both", () => {
  const draft = settled(typedOver({}, row, "notes", "ab"), { ...row, notes: "x" });
  const mine = decided(draft, "notes", "ab");
  assert.deepEqual(mine, { notes: { base: "x", mine: "ab" } });
  assert.equal(isContested(settled(mine, { ...row, notes: "x" })), false);
  assert.equal(isContested(settled(mine, { ...row, notes: "y" })), true);
  assert.deepEqual(decided(draft, "notes", "x"), {});
  assert.equal(joinedTexts("a\nx\n", "a\nb\n"), "a\nx\nb");
  assert.equal(joinedTexts("", "b"), "b");
});

test("drafts outlive the page, and storage that is not there", () => {
  const stored = /** @type {Record<string, string>} */ ({});
  const storage = {
    getItem: (/** @type {string} */ key) => stored[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (stored[key] = value),
  };
  keptDrafts("k", storage).set("g/r1", { notes: { base: "a", mine: "b" } });
  const again = keptDrafts("k", storage);
  assert.deepEqual([again.ids(), again.get("g/r1")], [["g/r1"], { notes: { base: "a", mine: "b" } }]);
  again.set("g/r1", {});
  assert.deepEqual(keptDrafts("k", storage).ids(), []);
  stored.k = "no JSON";
  assert.deepEqual(keptDrafts("k", storage).ids(), []);
  assert.deepEqual(keptDrafts("k", null).get("g/r1"), {});
});
