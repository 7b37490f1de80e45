/** The code of docs/signing.md runs, as the README's does; its example needs better-sqlite3. */
import { join } from "node:path";
import { describeMarkdown } from "@dgb-shield/testkit/readme";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { describe } from "vitest";

const folder = join(import.meta.dirname, "..", "..");

describe.skipIf(!hasSqlite)("docs/signing.md", () => {
  describeMarkdown(folder, join(folder, "docs", "signing.md"));
});
