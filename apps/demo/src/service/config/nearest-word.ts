/** Finds the word that was meant. */

/** Most changes of a letter that a misspelt word has. */
const MAX_CHANGES = 2;
/** Longest word that is compared. */
const MAX_LENGTH = 64;

/**
 * Finds the nearest of some words, at most two changes away.
 *
 * @returns undefined where none is that near
 * @example nearestWord("pol_ms", ["mode", "poll_ms"]) // "poll_ms"
 */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const [nearest] = words
    .map((one) => ({ one, changes: changesBetween(word.toLowerCase(), one.toLowerCase()) }))
    .filter(({ changes, one }) => changes <= Math.min(MAX_CHANGES, one.length / 2))
    .sort((a, b) => a.changes - b.changes);
  return nearest?.one;
}

/** Levenshtein distance. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
