/** Reads what the tests need of a Markdown file: headings, anchors, links and tables. */

/** A heading outside code blocks: its level, 1 to 6, and its text without markup. */
export type Heading = Readonly<{ level: number; text: string }>;

/** A link's target as it is written, and the line that it is in, from 1. */
export type Link = Readonly<{ target: string; line: number }>;

const FENCE = /^\s*(`{3,}|~{3,})/;
const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/;
const INLINE_LINK = /\]\(\s*<?([^\s)<>]+(?:\([^\s)]*\)[^\s)<>]*)?)>?(?:\s+"[^"]*")?\s*\)/g;
const DEFINED_LINK = /^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+"[^"]*")?\s*$/;
const AUTO_LINK = /<(https?:[^>\s]+)>/g;
const HTML_LINK = /\b(?:href|src)="([^"]+)"/g;
const HTML_ANCHOR = /<a\s+(?:id|name)="([^"]+)"/g;

/** The lines of a text with those of code blocks empty, so that line numbers stay. */
function proseLines(markdown: string): string[] {
  let fence: string | undefined;
  return markdown.split("\n").map((line) => {
    const mark = FENCE.exec(line)?.[1];
    if (fence === undefined) {
      fence = mark;
      return mark === undefined ? line : "";
    }
    if (mark !== undefined && mark.startsWith(fence)) fence = undefined;
    return "";
  });
}

const withoutCode = (line: string): string => line.replace(/(`+)[^`]*?\1/g, "");

const plainText = (text: string): string =>
  text.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");

/**
 * Lists the headings of a text.
 *
 * @param markdown the text
 */
export function headingsOf(markdown: string): Heading[] {
  return proseLines(markdown).flatMap((line) => {
    const [, marks = "", text = ""] = HEADING.exec(line) ?? [];
    return marks === "" ? [] : [{ level: marks.length, text: plainText(text) }];
  });
}

/**
 * Lists the anchors of a text as GitHub makes them: one for each heading, a number behind those that
 * occur again, and those of HTML.
 *
 * @param markdown the text
 */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of headingsOf(markdown)) {
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  for (const [, id] of proseLines(markdown).join("\n").matchAll(HTML_ANCHOR)) {
    if (id !== undefined) anchors.add(id);
  }
  return anchors;
}

/**
 * Lists the links of a text: inline, defined, automatic and in HTML; not those in code.
 *
 * @param markdown the text
 */
export function linksOf(markdown: string): Link[] {
  return proseLines(markdown).flatMap((whole, index) => {
    const line = withoutCode(whole);
    const defined = DEFINED_LINK.exec(line)?.[1];
    const found = [INLINE_LINK, AUTO_LINK, HTML_LINK].flatMap((pattern) =>
      [...line.matchAll(pattern)].map(([, target]) => target),
    );
    return [defined, ...found]
      .filter((target) => target !== undefined)
      .map((target) => ({ target, line: index + 1 }));
  });
}

/**
 * Lists the words in code spans of the tables below a heading of level 2, but for those in the last column.
 *
 * @param markdown the text
 * @param heading the heading's text, such as `API`
 */
export function tableNamesBelow(markdown: string, heading: string): string[] {
  const lines = proseLines(markdown);
  const begin = lines.findIndex((line) => line.trim() === `## ${heading}`);
  if (begin === -1) return [];
  const rest = lines.slice(begin + 1);
  const end = rest.findIndex((line) => /^##?\s/.test(line));
  return (end === -1 ? rest : rest.slice(0, end))
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replaceAll("\\|", " ").trimEnd().split("|").slice(1, -2).join(" "))
    .flatMap((cells) => [...cells.matchAll(/`([^`]+)`/g)])
    .flatMap(([, code = ""]) => code.split(/[^A-Za-z0-9_$]+/));
}
