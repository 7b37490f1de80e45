import { join } from "node:path";
import { describeMarkdown, describeReadme } from "@dgb-shield/testkit/readme";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { describe } from "vitest";

const folder = join(import.meta.dirname, "..");

describe.skipIf(!hasSqlite)("@dgb-shield/wallet-guardian", () => {
  describeReadme(folder);
  describeMarkdown(folder, join(folder, "docs/payments.md"));
  describeMarkdown(folder, join(folder, "docs/operating.md"));
});
