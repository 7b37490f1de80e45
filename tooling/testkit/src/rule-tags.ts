/**
 * Checks that every rule of a package can be found by its code: one tag in the sources, one mention
 * in docs/design.md, and at least one test or vector.
 *
 * A tag is a line comment above the check that decides:
 * `// [REJECT cooldown_breach] the last ALLOW is too recent`. It may name several verdicts
 * (`DELAY|REJECT`, `DELAY, REJECT`) and several codes (`daily_limit, window_limit`).
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** Where the rules of one package, their codes, their documentation and their tests are. */
export type RuleTagOptions = Readonly<{
  /** The package's folder. */
  root: string;
  /** Every code that the package can answer with. */
  codes: Iterable<string>;
  /** The design document; by default `docs/design.md` of the nearest folder above `root` that has one. */
  design?: string;
  /** Folders of tests and vectors; by default `test` and `vectors` of `root`. Missing folders count as empty. */
  tests?: readonly string[];
}>;

type Tag = Readonly<{ code: string; place: string }>;

const VERDICTS = "[A-Z][A-Z_]*(?:\\s*[|,]\\s*[A-Z][A-Z_]*)*";
const CODE = "[A-Za-z][A-Za-z0-9_.-]*";
const TAG = new RegExp(`//\\s*\\[${VERDICTS}\\s+(${CODE}(?:\\s*,\\s*${CODE})*)\\](?=\\s|$)`);
const CODE_SPAN = /`([^`\n]+)`/g;
const WORD = /[A-Za-z0-9_][A-Za-z0-9_.-]*/g;

/**
 * Lists what is wrong with the rule tags of a package.
 *
 * @param options the package's folder and codes
 * @returns one readable line for each fault, ordered by code; empty when there is none
 * @throws Error when there is no design document, or a file cannot be read
 * @example expect(ruleTagFaults({ root: join(import.meta.dirname, ".."), codes })).toEqual([]);
 */
export function ruleTagFaults(options: RuleTagOptions): string[] {
  const root = resolve(options.root);
  const codes = [...new Set(options.codes)].sort();
  const tags = tagsBelow(root);
  const designed = wordsOf(codeSpansOf(readFileSync(options.design ?? designAbove(root), "utf8")));
  const tested = wordsBelow(options.tests ?? [join(root, "test"), join(root, "vectors")]);
  return [
    ...codes.flatMap((code) => [
      ...tagFaults(code, tags),
      ...(designed.has(code) ? [] : [`${code}: not in backticks in docs/design.md`]),
      ...(tested.has(code) ? [] : [`${code}: in no test and no vector`]),
    ]),
    ...tags
      .filter(({ code }) => !codes.includes(code))
      .map(({ code, place }) => `${code}: tagged at ${place}, but not one of the codes`),
  ];
}

function tagFaults(code: string, tags: readonly Tag[]): string[] {
  const places = tags.filter((tag) => tag.code === code).map(({ place }) => place);
  if (places.length === 1) return [];
  return [
    places.length === 0
      ? `${code}: no tag in src`
      : `${code}: ${places.length} tags: ${places.join(", ")}`,
  ];
}

/** Reads the tags of the sources, in the order of files and lines. */
function tagsBelow(root: string): Tag[] {
  return filesBelow(join(root, "src"))
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line, index) =>
          (TAG.exec(line)?.[1]?.split(",") ?? []).map((code) => ({
            code: code.trim(),
            place: `${relative(root, file)}:${index + 1}`,
          })),
        ),
    );
}

const codeSpansOf = (markdown: string): string =>
  [...markdown.matchAll(CODE_SPAN)].map(([, text]) => text).join("\n");

/** Splits a text into words; a word that ends a sentence counts without its full stop, too. */
function wordsOf(text: string): Set<string> {
  const words = [...text.matchAll(WORD)].map(([word]) => word);
  return new Set(
    words.flatMap((word) => [word, word.replace(/[.-]+$/, ""), ...word.split(/[.-]/)]),
  );
}

function wordsBelow(folders: readonly string[]): Set<string> {
  const files = folders.filter((folder) => existsSync(folder)).flatMap(filesBelow);
  return wordsOf(files.map((file) => readFileSync(file, "utf8")).join("\n"));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]));
}

function designAbove(root: string): string {
  const design = join(root, "docs", "design.md");
  if (existsSync(design)) return design;
  if (dirname(root) === root) throw new Error("no docs/design.md above the package");
  return designAbove(dirname(root));
}
