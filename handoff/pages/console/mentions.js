// @mentions of colleagues in a note: by the shown name, or by the login. No DOM.

/** @typedef {{login: string, name: string}} Named */

/**
 * The mention that is being typed before the caret: where its "@" stands and what follows it, else null.
 * @param {string} text
 * @param {number} caret
 * @returns {{start: number, typed: string} | null}
 */
export function mentionAt(text, caret) {
  const found = /(?:^|[\s，。：:；、(（])[@＠]([^\s@＠]{0,20})$/.exec(text.slice(0, caret));
  return found && { start: caret - found[1].length - 1, typed: found[1].toLowerCase() };
}

/**
 * The colleagues whose name or login fits what was typed; names that begin with it come first.
 * @template {Named} T
 * @param {string} typed  in lower case
 * @param {readonly T[]} colleagues
 * @returns {T[]}
 */
export function matchesOf(typed, colleagues) {
  const rank = (/** @type {Named} */ { login, name }) => {
    const words = [name.toLowerCase(), login.toLowerCase()];
    if (words.some((word) => word.startsWith(typed))) return 0;
    return words.some((word) => word.includes(typed)) ? 1 : 2;
  };
  return colleagues.filter((each) => rank(each) < 2).sort((a, b) => rank(a) - rank(b));
}

/**
 * The logins of the colleagues whom a text mentions, each once. The longest name counts: "@小林林" is not "@小林".
 * @param {string} text
 * @param {readonly Named[]} colleagues
 * @returns {string[]}
 */
export function mentionsIn(text, colleagues) {
  const names = colleagues
    .flatMap(({ login, name }) => [
      { word: name.toLowerCase(), login },
      { word: login.toLowerCase(), login },
    ])
    .filter(({ word }) => word)
    .sort((a, b) => b.word.length - a.word.length);
  const found = new Set();
  for (const [, rest] of text.toLowerCase().matchAll(/(?<![\w.-])[@＠](?=(.{1,60}))/gsu)) {
    const named = names.find(({ word }) => rest.startsWith(word));
    // A login is a word of Latin letters: "@agent2" does not mention "agent".
    if (named && !(/[\w-]$/.test(named.word) && /^[\w-]/.test(rest.slice(named.word.length)))) found.add(named.login);
  }
  return [...found];
}
