// Chunks of curves as the page holds them, made of plain numbers (docs/page-data.md).

import { gzipSync } from "node:zlib";

/** The planes of *arrays*, each byte-shuffled, one after the other. */
export function shuffledPlanes(...arrays) {
  return Buffer.concat(arrays.map(shuffled));
}

/** As it stands in the page: base64 of gzip. */
export function chunk(...arrays) {
  return gzipSync(shuffledPlanes(...arrays)).toString("base64");
}

function shuffled(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const width = array.BYTES_PER_ELEMENT;
  const found = Buffer.alloc(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) found[(at % width) * array.length + Math.floor(at / width)] = bytes[at];
  return found;
}
