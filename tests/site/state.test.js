// The state, its address, and who hears of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DEFAULTS, createStore, decodeHash, encodeHash } from "../../site/page/state.js";

const base = { ...DEFAULTS, metric: "val/acc", selected: ["a"] };

test("what is as at first is not in the hash", () => {
  assert.equal(encodeHash(base, base), "");
});

test("a hash says what differs, readable where it can be", () => {
  const state = {
    ...base,
    view: "logs",
    filter: 'val/acc > 0.5 and "x" in tags',
    logx: true,
    smooth: 0.6,
    selected: ["g/r,1", "", "b"],
  };
  assert.equal(
    encodeHash(state, base),
    "v=logs&s=g/r%2C1,,b&lx&sm=0.6&f=val/acc%20%3E%200.5%20and%20%22x%22%20in%20tags",
  );
});

test("every state comes back from its hash", () => {
  const state = {
    ...base, view: "run", selected: [], metric: "a&b=c#%+", goal: "min", x: "epoch", logx: true, logy: true, smooth: 0.25,
    filter: "größe == 3 🙂", sort: "-a,b", columns: ["a,b", "c"], group: "-seed", metricFilter: "^val/.*", zoom: ["1", "2"],
    combine: ["x"], theme: "dark", run: "g/r 1", scatter: ["", "y"], media: ["t", "3"], log: ["r", "", "w"], hparamFilter: "l",
    toggled: ['["a",1]'],
  }; // prettier-ignore
  assert.deepEqual({ ...base, ...decodeHash(`#${encodeHash(state, base)}`) }, state);
});

test("what cannot be read is left out", () => {
  assert.deepEqual(decodeHash("#v=%&zz=1&__proto__=3&constructor=1&sm=x&f=ok&lx=0&c="), {
    smooth: 0,
    filter: "ok",
    logx: false,
    columns: [],
  });
});

test("halves of characters do not break the address", () => {
  assert.equal(encodeHash({ ...base, filter: "a\ud800b" }, base), "f=a%EF%BF%BDb");
});

test("listeners hear once of each change, and of what another listener changes after that", () => {
  const heard = [];
  const store = createStore(base);
  store.subscribe((state, changed) => {
    heard.push(["first", [...changed]]);
    if (changed.has("view")) store.set({ run: "r" });
  });
  const end = store.subscribe((state, changed) => heard.push(["second", [...changed]]));
  store.set({ view: "run", metric: "val/acc" });
  assert.deepEqual(heard, [
    ["first", ["view"]],
    ["second", ["view"]],
    ["first", ["run"]],
    ["second", ["run"]],
  ]);
  end();
  store.set({ columns: [] });
  assert.equal(heard.length, 4);
});

test("Back remembers views and runs, and nothing that is typed", () => {
  const written = [];
  const store = createStore(base, (state, remembered) => written.push(remembered));
  store.set({ filter: "a" });
  store.set({ view: "logs" });
  store.set({ run: "b", filter: "c" });
  store.set({ view: "curves" }, { silent: true });
  assert.deepEqual(written, [false, true, true]);
});

test("a state cannot be changed behind the store's back", () => {
  assert.throws(() => (createStore(base).get().view = "x"), TypeError);
});
