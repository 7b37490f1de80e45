import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const depcruise = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "dependency-rule-")));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Files that stand in every case: a core that imports nothing. */
const CLEAN = {
  "packages/contract/src/index.ts": "export const version = 3;\n",
  "packages/sentinel/src/index.ts": "export const sentinel = 1;\n",
  "packages/dqsn/src/index.ts": 'export { version } from "../../contract/src/index.js";\n',
};

async function check(name: string, files: Record<string, string>): Promise<string> {
  const folder = join(scratch, name);
  for (const [file, text] of Object.entries({ ...CLEAN, ...files })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  for (const file of [".dependency-cruiser.cjs", "tsconfig.base.json"]) {
    cpSync(join(root, file), join(folder, file));
  }
  const checked = ["packages", "apps", "tooling"].filter((top) => existsSync(join(folder, top)));
  const args = [depcruise, "--config", ".dependency-cruiser.cjs", ...checked];
  return promisify(execFile)(process.execPath, args, { cwd: folder }).then(
    () => "clean",
    (error: { stdout: string }) => error.stdout,
  );
}

describe("the dependency rule", () => {
  it("passes a layer that reaches contract alone", async () => {
    expect(await check("clean", {})).toBe("clean");
  });

  it("passes Sentinel, which reaches chain as well", async () => {
    const files = {
      "packages/chain/src/index.ts": "export const chain = 1;\n",
      "packages/sentinel/src/a.ts": 'export { chain } from "../../chain/src/index.js";\n',
    };
    expect(await check("chain", files)).toBe("clean");
  });

  it.each([
    [
      "users-of-chain-reach-contract-and-chain-only",
      { "packages/sentinel/src/a.ts": 'export { version } from "../../dqsn/src/index.js";\n' },
    ],
    [
      "layers-reach-contract-only",
      {
        "packages/chain/src/index.ts": "export const chain = 1;\n",
        "packages/dqsn/src/a.ts": 'export { chain } from "../../chain/src/index.js";\n',
      },
    ],
    [
      "sources-reach-no-tooling",
      {
        "tooling/testkit/src/a.ts": "export const a = 1;\n",
        "packages/dqsn/src/a.ts": 'export { a } from "../../../tooling/testkit/src/a.js";\n',
      },
    ],
    [
      "testkit-reaches-no-package",
      {
        "tooling/testkit/src/a.ts":
          'export { version } from "../../../packages/contract/src/index.js";\n',
      },
    ],
    [
      "layers-reach-contract-only",
      { "packages/dqsn/src/a.ts": 'export { sentinel } from "../../sentinel/src/index.js";\n' },
    ],
    [
      "contract-reaches-no-layer",
      { "packages/contract/src/a.ts": 'export { sentinel } from "../../sentinel/src/index.js";\n' },
    ],
    [
      "core-reaches-no-builtin",
      { "packages/dqsn/src/a.ts": 'export { readFile } from "node:fs";\n' },
    ],
    [
      "core-reaches-no-adapter",
      {
        "packages/dqsn/src/a.ts": 'export { http } from "./adapters/http.js";\n',
        "packages/dqsn/src/adapters/http.ts": "export const http = 1;\n",
      },
    ],
    [
      "core-reaches-only-zod",
      {
        "packages/dqsn/src/a.ts": 'export { left } from "left";\n',
        "node_modules/left/package.json": '{"name":"left","version":"1.0.0","main":"index.js"}',
        "node_modules/left/index.js": "exports.left = 1;\n",
      },
    ],
    [
      "internal-stays-internal",
      {
        "packages/contract/src/internal/x.ts": "export const x = 1;\n",
        "packages/dqsn/src/a.ts": 'export { x } from "../../contract/src/internal/x.js";\n',
      },
    ],
    ["every-import-resolves", { "packages/dqsn/src/a.ts": 'export { x } from "./missing.js";\n' }],
  ])("fails on a breach of %s", async (rule, files) => {
    expect(await check(rule, files as Record<string, string>)).toContain(rule);
  });
});
