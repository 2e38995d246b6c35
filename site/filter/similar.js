// Names that look like a mistyped one.

const ENOUGH = 0.6; // as Python's difflib: 1 is equal, 0 has nothing in common
const COMPARED = 2000; // names compared

/**
 * Up to three of *known* that look most like *word*, the closest first.
 * @param {string} word
 * @param {Iterable<string>} known
 * @returns {string[]}
 */
export function closest(word, known) {
  const found = [];
  let compared = 0;
  for (const name of known) {
    if (++compared > COMPARED) break;
    const likeness = alike(word, name);
    if (likeness >= ENOUGH) found.push({ name, likeness });
  }
  return found
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, 3)
    .map(({ name }) => name);
}

/**
 * Twice the characters that two words share in order, over all they have.
 * @param {string} a
 * @param {string} b
 */
function alike(a, b) {
  const most = a.length + b.length;
  if (most === 0) return 1;
  if ((2 * Math.min(a.length, b.length)) / most < ENOUGH) return 0;
  let before = new Uint16Array(b.length + 1);
  for (const character of a) {
    const row = new Uint16Array(b.length + 1);
    for (let place = 0; place < b.length; place += 1) {
      row[place + 1] = b[place] === character ? before[place] + 1 : Math.max(row[place], before[place + 1]);
    }
    before = row;
  }
  return (2 * before[b.length]) / most;
}
