import { join } from "node:path";
import { describeReadme } from "@dgb-shield/vitest-config/readme";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { describe } from "vitest";

describe.skipIf(!hasSqlite)("@dgb-shield/wallet-guardian", () => {
  describeReadme(join(import.meta.dirname, ".."));
});
