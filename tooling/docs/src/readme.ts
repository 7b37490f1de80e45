/** Checks that the README of a package follows the template and names what the package exports. */
import { headingsOf, tableNamesBelow } from "./markdown.js";

/** The headings of level 2 that a package's README may have, in this order. */
const TEMPLATE = Object.freeze([
  "What it refuses",
  "Install",
  "Use",
  "API",
  "Inputs",
  "Decisions and codes",
  "Configuration",
  "Errors",
  "Bounds",
  "Figures",
]);

/**
 * Lists what a README has against the template: headings that are not in it, that occur twice or out of order.
 *
 * @param markdown the README's text
 */
export function templateFaults(markdown: string): string[] {
  const headings = headingsOf(markdown)
    .filter(({ level }) => level === 2)
    .map(({ text }) => text);
  const places = headings.map((text) => TEMPLATE.indexOf(text));
  return headings.flatMap((text, index) => {
    if (places[index] === -1) return [`"${text}" is not a heading of the template`];
    const before = places.slice(0, index).findIndex((place) => place >= (places[index] ?? 0));
    if (before === -1) return [];
    return [
      headings[before] === text
        ? `"${text}" occurs twice`
        : `"${text}" stands after "${headings[before] ?? ""}"`,
    ];
  });
}

/**
 * Lists the exports that the API table of a README does not name.
 *
 * @param markdown the README's text
 * @param names exported functions, classes and constants
 */
export function undocumentedExports(markdown: string, names: readonly string[]): string[] {
  const documented = new Set(tableNamesBelow(markdown, "API"));
  return names.filter((name) => !documented.has(name));
}
