// The filter box: which runs a text chooses, and how conditions are put into it and taken out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hasCondition, literalPattern, partsOf, toggledCondition, withoutConditions } from "../../site/filter/conditions.js";
import { createFilter } from "../../site/filter/filtering.js";
import { Names } from "../../site/filter/names.js";
import { wordsOf } from "../../site/filter/search.js";

const NOW = 1763900000;
const runs = [
  made("sweep/vit-s", { state: "failed", tags: ["paper"], hparams: { "optim.name": "adamw", lr: 0.001 } }),
  made("sweep/vit-b", { notes: "Diverged, see É 7", summary: { "val/acc": 0.81999999 }, hparams: { "data.root": "/x/y" } }),
  made("old/cnn", { archived: true, tags: ["paper"], hparams: { "optim.name": "sgd", lr: 0.1 } }),
  made("old/gone", { gone: true }),
];

/** @param {string} id @param {any} [fields] */
function made(id, fields = {}) {
  return {
    ...{ run_id: id, display_name: id.split("/").pop(), run_dir: `/runs/${id}`, state: "completed", status: "completed" },
    ...{ notes: "", tags: [], hparams: {}, summary: {}, archived: false, problems: [], created_at: NOW },
    ...{ logger_run_id: null, checkpoint_path: null, ...fields },
  };
}

const order = () => [...runs.keys()].filter((run) => !runs[run].gone);
const filter = createFilter({ runs }, { order, names: () => new Names(runs) }, () => ({ now: NOW, asOf: NOW }));

/** @param {string} text */
function ids(text, archived = false) {
  const { runs: found, mistake } = filter(text, archived);
  return mistake ? mistake.message : found.map((run) => runs[run].run_id);
}

test("archived runs are left out unless they are wanted or the text names them, and gone ones always", () => {
  assert.deepEqual(ids(""), ["sweep/vit-s", "sweep/vit-b"]);
  assert.deepEqual(ids("", true), ["sweep/vit-s", "sweep/vit-b", "old/cnn"]);
  assert.deepEqual(ids('archived and "paper" in tags'), ["old/cnn"]);
  assert.deepEqual(ids('"paper" in tags'), ["sweep/vit-s"]);
});

test("words are found in any field, all of them, in any case", () => {
  assert.deepEqual(ids("ViT"), ["sweep/vit-s", "sweep/vit-b"]);
  assert.deepEqual(ids("vit adamw"), ["sweep/vit-s"]);
  assert.deepEqual(ids("paper"), ["sweep/vit-s"]);
  assert.deepEqual(ids("/runs/sweep"), ["sweep/vit-s", "sweep/vit-b"]);
  assert.deepEqual(ids("diverged"), ["sweep/vit-b"]);
  assert.deepEqual(ids("e\u0301"), ["sweep/vit-b"]);
  assert.deepEqual(ids('"lr 0.001"'), ["sweep/vit-s"]);
  assert.deepEqual(ids("0.82"), ["sweep/vit-b"]);
  assert.deepEqual(ids("nothing"), []);
});

test("nothing is found across two fields", () => {
  assert.deepEqual(ids('"failed completed"'), []);
  assert.deepEqual(ids("failed paper"), ["sweep/vit-s"]);
});

test("what is an expression is one, and in quotes it is searched for", () => {
  assert.deepEqual(ids("lr"), ["sweep/vit-s"]);
  assert.deepEqual(ids("tags"), ["sweep/vit-s"]);
  assert.deepEqual(ids('"data"'), ["sweep/vit-b"]);
});

test("words and expressions go together", () => {
  assert.deepEqual(ids('vit and state == "failed"'), ["sweep/vit-s"]);
  assert.deepEqual(ids('vit and not lr == 0.001'), ["sweep/vit-b"]);
  assert.deepEqual(filter('vit and state == "failed"', false).words, ["vit"]);
});

test("what was meant as an expression is wrong where it is wrong, and the runs stay", () => {
  assert.deepEqual(ids("state"), ["sweep/vit-s", "sweep/vit-b"]);
  const { mistake, runs: found } = filter("vit and lrr > 3", false);
  assert.deepEqual([mistake?.message, mistake?.start, mistake?.end, found], ["no run has lrr", 8, 11, [0, 1]]);
  assert.equal(ids("lr = 3"), "the selection cannot be read: invalid syntax");
});

test("a word that could have been a name says so", () => {
  const { words, candidates, runs: found } = filter("archive", true);
  assert.deepEqual([words, candidates, found], [["archive"], ["archived", "alive"], []]);
});

test("words of a part", () => {
  assert.deepEqual(wordsOf('Vit "big model" \'a\'  3e-4'), ["vit", "big model", "a", "3e-4"]);
  for (const text of ["", "a > b", "not vit", "vit and b", "f(x)", "a=b", '"open', "“vit”"]) assert.equal(wordsOf(text), null);
});

test("parts stand between ands that join all", () => {
  const texts = (/** @type {string} */ text) => partsOf(text).map((part) => part.text);
  assert.deepEqual(texts("  "), []);
  assert.deepEqual(texts('a > 1 and "x and y" in tags and (b and c)'), ["a > 1", '"x and y" in tags', "(b and c)"]);
  assert.deepEqual(texts("a and b or c"), ["a and b or c"]);
  assert.deepEqual(texts('a and "open'), ['a and "open']);
  assert.deepEqual(partsOf("\ta  and\n b"), [{ text: "a", start: 0 }, { text: "b", start: 8 }]);
});

test("a condition is put in, found and taken out", () => {
  const failed = 'state == "failed"';
  assert.equal(toggledCondition("", failed), failed);
  assert.equal(toggledCondition("vit", failed), `vit and ${failed}`);
  assert.equal(toggledCondition(`vit and ${failed}`, failed), "vit");
  assert.equal(toggledCondition(failed, failed), "");
  assert.equal(toggledCondition("a or b", failed), `(a or b) and ${failed}`);
  assert.equal(toggledCondition('name == "a or b"', failed), `name == "a or b" and ${failed}`);
  assert.equal(hasCondition(`(${failed})`, failed), false);
});

test("what cannot hold together is exchanged", () => {
  const rivals = /^state == /;
  assert.equal(toggledCondition('state == "stale" and vit', 'state == "failed"', rivals), 'vit and state == "failed"');
  assert.equal(withoutConditions('state == "stale" and vit', rivals), "vit");
});

test("a pattern of any text finds that text", () => {
  const text = "a.b*(c)[d]{e}|f^g$h\\i+j?";
  assert.deepEqual([...`x${text}x`.matchAll(new RegExp(literalPattern(text), "g"))].map(String), [text]);
});
