import { join } from "node:path";
import { describeMarkdown } from "@dgb-shield/testkit/readme";
import { markdownFilesBelow } from "../src/links.js";
import { ROOT } from "../src/packages.js";

const folder = join(import.meta.dirname, "..");
const ROOT_PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map((name) => join(ROOT, name));

/** Its blocks call a running service: apps/demo runs them in its own tests, in their order. */
const RUN_ELSEWHERE = join(ROOT, "docs", "integrate.md");

for (const file of [...ROOT_PAGES, ...markdownFilesBelow(join(ROOT, "docs"))]) {
  if (file !== RUN_ELSEWHERE) describeMarkdown(folder, file, ROOT);
}
