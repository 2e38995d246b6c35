import assert from "node:assert/strict";
import { test } from "node:test";

import { withZoom, zoomOf } from "../../site/charts/zoom.js";

test("along x all charts show the same part, along y each its own", () => {
  const zoom = withZoom(withZoom([], "a", { x: [10, 20], y: [0.5, 1] }), "b:c", { y: [-3, 4] });
  assert.deepEqual(zoom, ["x:10:20", "y:0.5:1:a", "y:-3:4:b:c"]);
  assert.deepEqual(zoomOf(zoom, "a"), { x: [10, 20], y: [0.5, 1] });
  assert.deepEqual(zoomOf(zoom, "b:c"), { x: [10, 20], y: [-3, 4] });
  assert.deepEqual(zoomOf(zoom, "c"), { x: [10, 20], y: null });
});

test("null shows all again, undefined changes nothing", () => {
  const zoom = ["x:10:20", "y:0.5:1:a", "y:1:2:b"];
  assert.deepEqual(withZoom(zoom, "a", { x: null, y: null }), ["y:1:2:b"]);
  assert.deepEqual(withZoom(zoom, "a", { y: [0, 2] }), ["x:10:20", "y:1:2:b", "y:0:2:a"]);
  assert.equal(withZoom(zoom, "a", {}), zoom);
});

test("a zoom is written in seven digits", () => {
  assert.deepEqual(withZoom([], "a", { x: [1 / 3, 1e9 / 7] }), ["x:0.3333333:142857100"]);
});

test("what is no zoom shows all", () => {
  for (const bad of ["x:", "x:1", "x:1:1", "x:2:1", "x:a:b", "x::5", "x:1:Infinity", ":"]) {
    assert.deepEqual(zoomOf([bad], "a"), { x: null, y: null }, bad);
  }
});
