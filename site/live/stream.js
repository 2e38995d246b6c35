// The server's events, read with fetch: unlike an EventSource it tells who is refused, and hears the comments by which
// a silent server differs from a dead one.

const SILENCE = 40_000; // ms without a sign of life, of which there is one every 15 s: the connection is dead
const [FIRST_PAUSE, LONGEST_PAUSE] = [300, 2_000]; // ms before the next attempt, twice as long each time

/** @typedef {{kind: string, id: string, data: any}} StreamEvent */

/**
 * A function that takes the text of a stream piece by piece and returns the events that are complete with it.
 * @returns {(text: string) => StreamEvent[]}
 */
export function eventReader() {
  let rest = "";
  return (text) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      /** @type {Record<string, string>} */
      const fields = {};
      for (const line of block.split("\n")) {
        const at = line.indexOf(":");
        if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).replace(/^ /, "");
      }
      return fields.data === undefined ? [] : [{ kind: fields.event ?? "message", id: fields.id ?? "", data: JSON.parse(fields.data) }];
    });
  };
}

/**
 * Follows the stream at *url* until it is closed, through restarts of the server.
 * @param {string} url
 * @param {{onevent: (event: StreamEvent) => void, onalive: () => void, onstatus: (status: "live" | "reconnecting" | "refused") => void}} handlers
 *   *onalive* at each sign of life
 * @returns {() => void} closes it
 */
export function followStream(url, { onevent, onalive, onstatus }) {
  let closed = false;
  let pause = FIRST_PAUSE;
  let ending = new AbortController();

  /** Whether the server refuses. */
  const read = async () => {
    ending = new AbortController();
    const { signal } = ending;
    let watch = setTimeout(() => ending.abort(), SILENCE);
    try {
      const answer = await fetch(url, { signal, cache: "no-store", headers: { accept: "text/event-stream" } });
      if (answer.status === 401 || answer.status === 421) return true;
      if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const events = eventReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || closed) break;
        clearTimeout(watch);
        watch = setTimeout(() => ending.abort(), SILENCE);
        pause = FIRST_PAUSE;
        onstatus("live");
        onalive();
        for (const event of events(value)) onevent(event);
      }
    } finally {
      clearTimeout(watch);
    }
    return false;
  };
  const follow = async () => {
    while (!closed) {
      const refused = await read().catch(() => false); // whatever it was, another attempt is the answer
      if (closed) return;
      onstatus(refused ? "refused" : "reconnecting");
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  };
  void follow();
  return () => {
    closed = true;
    ending.abort();
  };
}
