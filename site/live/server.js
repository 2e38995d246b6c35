// Questions to the server that the page came from, at addresses relative to the page: it may stand below any path.

/** An answer that is none: its status, 0 where none came, and what the server said of it. */
export class ServerError extends Error {
  /** @param {number} status @param {string} message @param {any} [answer] */
  constructor(status, message, answer = null) {
    super(message);
    this.status = status;
    this.answer = answer;
  }
}

/**
 * The address of *path*; a list in *query* stands for several values of one name.
 * @param {string} path
 * @param {Record<string, string | number | (string | number)[]>} [query]
 */
export function addressOf(path, query = {}) {
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => `${name}=${encoded(String(one))}`));
  return new URL(pairs.length ? `${path}?${pairs.join("&")}` : path, document.baseURI).href;
}

/** A lone surrogate is a byte of a file name that is not UTF-8, and goes as that byte. @param {string} text */
function encoded(text) {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\s\S]/gu, (character) => {
    const code = /** @type {number} */ (character.codePointAt(0));
    if (code < 0xd800 || code > 0xdfff) return encodeURIComponent(character);
    return code >= 0xdc80 && code <= 0xdcff ? `%${(code - 0xdc00).toString(16)}` : "%EF%BF%BD";
  });
}

/**
 * What the server answers. Throws a ServerError.
 * @param {string} address
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
export async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new ServerError(0, "the server does not answer");
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => null);
  throw new ServerError(answer.status, said?.error ?? `the server answered ${answer.status}`, said);
}

/** The JSON that the server answers. Throws a ServerError. @param {string} address @param {RequestInit} [options] */
export async function askJson(address, options) {
  return (await ask(address, options)).json();
}
