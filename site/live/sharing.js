// One stream a browser, however many tabs: a browser opens six connections to a server, and each stream holds one.
//
// The tab that holds the lock reads the stream and tells the others. Only tabs that can be seen want the lock. Where a
// browser has no locks (a page over http from another machine) each tab that can be seen reads a stream of its own.

import { followStream } from "./stream.js";

/** @typedef {import("./stream.js").StreamEvent} StreamEvent */
/** @typedef {"live" | "reconnecting" | "refused"} StreamStatus */

/**
 * Hears the events of *url*, of its own stream or of another tab's, from when this returns until it is closed.
 * @param {string} url absolute: what tabs of one server and path have in common
 * @param {{onevent: (event: StreamEvent) => void, onalive: () => void, onstatus: (status: StreamStatus) => void, onjoin: () => void}} handlers
 *   *onjoin*: events are heard from now on, those before may have been missed
 * @returns {() => void} closes it
 */
export function sharedStream(url, { onevent, onalive, onstatus, onjoin }) {
  const name = `spt:${url}`;
  const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : null;
  const ending = new AbortController();
  /** @type {StreamStatus | null} of the stream, where it is this tab that reads it */
  let status = null;

  /** @param {any} message */
  const hear = ({ event, alive, status: told, who }) => {
    if (who && status) tell({ status });
    if (told) onstatus(told);
    if (alive) onalive();
    if (event) onevent(event);
    if (event?.kind === "ready") onjoin(); // the stream was broken, or another tab reads it now
  };
  const tell = (/** @type {any} */ message) => channel?.postMessage(message);
  const both = (/** @type {any} */ message) => {
    if (ending.signal.aborted) return;
    tell(message);
    hear(message);
  };
  /** @returns {Promise<void>} when it is over */
  const lead = () =>
    new Promise((resolve) => {
      const end = followStream(url, {
        onevent: (event) => both({ event }),
        onalive: () => both({ alive: true }),
        onstatus(next) {
          if (next !== status) both({ status: (status = next) });
        },
      });
      ending.signal.addEventListener("abort", () => {
        end();
        resolve();
      });
    });

  channel?.addEventListener("message", ({ data }) => hear(data));
  if (!channel || !navigator.locks) void lead();
  else {
    navigator.locks.request(name, { signal: ending.signal }, lead).catch(() => {}); // closed before it was its turn
    tell({ who: true });
    onjoin();
  }
  return () => {
    ending.abort();
    channel?.close();
  };
}
