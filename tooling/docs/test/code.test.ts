import { join } from "node:path";
import { describeMarkdown } from "@dgb-shield/testkit/readme";
import { markdownFilesBelow } from "../src/links.js";
import { ROOT } from "../src/packages.js";

const folder = join(import.meta.dirname, "..");
const ROOT_PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map((name) => join(ROOT, name));

/** Their blocks call a running service: apps/demo runs them in its own tests, in their order. */
const RUN_ELSEWHERE = ["integrate.md", "clients.md"].map((name) => join(ROOT, "docs", name));

for (const file of [...ROOT_PAGES, ...markdownFilesBelow(join(ROOT, "docs"))]) {
  if (!RUN_ELSEWHERE.includes(file)) describeMarkdown(folder, file, ROOT);
}
