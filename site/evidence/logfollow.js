// Reading a log again and again while somebody looks at it.

const [SOON, QUIET, SELDOM] = [1_000, 5_000, 30_000]; // ms between two looks: it grows, it rests, its run has ended

/**
 * Reads *tail* as it grows: once a second, less often when nothing comes. Where nobody looks it waits for `look()`.
 * @param {import("../live/fetchedlogs.js").LogTail} tail
 * @param {object} options
 * @param {() => boolean} options.skip whether what lies between may be passed over when it is much
 * @param {() => boolean} options.looked whether anybody looks
 * @param {() => boolean} options.alive whether its run writes, as far as anybody knows
 * @param {(growth: import("../live/fetchedlogs.js").Growth) => void} options.ongrowth
 * @param {(error: unknown) => void} options.ontrouble
 */
export function followLog(tail, { skip, looked, alive, ongrowth, ontrouble }) {
  let [timer, quiet] = [0, 0];
  let [reading, again, ended] = [false, false, false];

  const wait = () => {
    if (tail.behind && quiet === 0) return 0;
    return Math.min(SOON * 1.5 ** quiet, alive() ? QUIET : SELDOM);
  };
  const read = async () => {
    const before = tail.pending?.text;
    try {
      const growth = await tail.grow(skip());
      if (ended) return;
      quiet = growth.anew || growth.lines.length || tail.pending?.text !== before ? 0 : quiet + 1;
      ongrowth(growth);
    } catch (error) {
      if (ended) return;
      quiet += 1;
      ontrouble(error);
    }
  };
  const look = async () => {
    clearTimeout(timer);
    if (reading) again = true;
    if (reading || ended || !looked()) return;
    reading = true;
    do {
      again = false;
      await read();
    } while (again && !ended && looked());
    reading = false;
    if (!ended) timer = setTimeout(look, wait());
  };
  return {
    /** Reads now, or once more if it is reading. */
    look: () => void look(),
    /** Waits for a reading that is under way and keeps others off until *work* is done. @param {() => Promise<void>} work */
    async alone(work) {
      while (reading) await new Promise((resolve) => setTimeout(resolve, 20));
      reading = true;
      try {
        await work();
      } finally {
        reading = false;
        void look();
      }
    },
    /** Reads no more. */
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
