/** Checks that the links of Markdown files lead somewhere. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { anchorsOf, linksOf } from "./markdown.js";

/** Absolute links below it are files of this repository. */
const REPOSITORY = /^https:\/\/github\.com\/dgb-shield\/dgb-shield\/(?:blob|tree|raw)\/main\//;

/** Folders that hold nothing that was written for this repository. */
const SKIPPED = new Set(["node_modules", "dist", "coverage", ".git", ".turbo", ".changeset"]);

/**
 * Lists the Markdown files below a folder, in the order of their names.
 *
 * @param folder where to look; folders of dependencies and of build results are left out
 */
export function markdownFilesBelow(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !SKIPPED.has(name))
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory() === true) return markdownFilesBelow(path);
      return path.endsWith(".md") ? [path] : [];
    });
}

/**
 * Lists the links of a file that do not hold: a missing file or anchor, a path outside of the repository, or
 * an external address that is none. External addresses are not fetched.
 *
 * @param root the repository's folder
 * @param file the Markdown file
 * @returns one line for each fault, with file and line
 */
export function linkFaults(root: string, file: string): string[] {
  return linksOf(readFileSync(file, "utf8")).flatMap(({ target, line }) => {
    const fault = faultOf(root, file, target);
    return fault === undefined ? [] : [`${relative(root, file)}:${line}: ${target}: ${fault}`];
  });
}

function faultOf(root: string, file: string, target: string): string | undefined {
  if (REPOSITORY.test(target)) {
    return faultOfPath(root, join(root, target.replace(REPOSITORY, "")), file);
  }
  if (/^[a-z][a-z+.-]*:/i.test(target)) return isAddress(target) ? undefined : "not an address";
  if (target.startsWith("/")) return "starts with a slash";
  return faultOfPath(
    root,
    target.startsWith("#") ? file + target : join(dirname(file), target),
    file,
  );
}

function isAddress(target: string): boolean {
  return URL.canParse(target) && /^(?:https?:\/\/[^/]+|mailto:[^@]+@)/.test(target);
}

function faultOfPath(root: string, target: string, from: string): string | undefined {
  const [path = "", anchor] = target.split("#");
  const found = resolve(decodeURIComponent(path) || from);
  if (relative(root, found).startsWith("..")) return "outside of the repository";
  if (!existsSync(found)) return "no such file";
  if (anchor === undefined) return undefined;
  if (!found.endsWith(".md")) return /^L\d+(?:-L\d+)?$/.test(anchor) ? undefined : "no such anchor";
  return anchorsOf(readFileSync(found, "utf8")).has(anchor) ? undefined : "no such anchor";
}
