/** Finds the word of a list that is nearest to a misspelt one. */

const MAX_LENGTH = 64;

/** The word of a list with the fewest edits from `word`; undefined where these are more than a third of it. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  let best: { word: string; edits: number } | undefined;
  for (const candidate of words) {
    const edits = editsBetween(word, candidate);
    if (best === undefined || edits < best.edits) best = { word: candidate, edits };
  }
  return best !== undefined && best.edits <= word.length / 3 ? best.word : undefined;
}

/** Levenshtein distance, row by row. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    let diagonal = i;
    let left = i + 1;
    row = row.map((above, j) => {
      if (j === 0) return left;
      const replaced = diagonal + (b[j - 1] === a[i] ? 0 : 1);
      diagonal = above;
      left = Math.min(left + 1, above + 1, replaced);
      return left;
    });
  }
  return row[b.length] ?? 0;
}
