import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describeReadme } from "@dgb-shield/vitest-config/readme";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterAll, describe, it } from "vitest";

const scratch = join(import.meta.dirname, ".readme-test");
mkdirSync(scratch, { recursive: true });
copyFileSync(join(import.meta.dirname, "../../docs/signing.md"), join(scratch, "README.md"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

if (hasSqlite) describeReadme(scratch);
else {
  describe("docs/signing.md", () => {
    it.skip("runs its example, which needs better-sqlite3", () => undefined);
  });
}
