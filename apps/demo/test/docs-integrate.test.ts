/** Runs every code block of the integration guide, in its order, against a service over a real node. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hasLitecoind, startNode } from "@dgb-shield/testkit/litecoind";
import { hasProgram } from "@dgb-shield/testkit/services";
import { Registry } from "prom-client";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { createHttpServer } from "../src/service/http/index.js";
import { addKeys } from "../src/service/keys/change-keys.js";
import { createKeyring } from "../src/service/keys/keyring.js";
import { deploy, until, WALLET } from "./support/service.js";

const GUIDE = new URL("../../../docs/integrate.md", import.meta.url);
const run = promisify(execFile);

/** The blocks that a person would run, with their language. */
const blocks = [...readFileSync(GUIDE, "utf8").matchAll(/^```(sh|ts|python)\n(.*?)^```$/gms)].map(
  ([, language = "", code = ""]) => ({ language, code }),
);

/** Writes a block to a file and gives the command that runs it. */
function commandOf(
  { language, code }: (typeof blocks)[number],
  folder: string,
): readonly [string, ...string[]] {
  if (language === "sh") return ["sh", "-euc", code];
  const isPython = language === "python";
  const path = join(folder, isPython ? "block.py" : "block.mjs");
  const { ESNext } = ts.ModuleKind;
  const compilerOptions = { module: ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(path, isPython ? code : ts.transpileModule(code, { compilerOptions }).outputText);
  return isPython ? ["python3", path] : [process.execPath, path];
}

const isRunnable =
  hasLitecoind() &&
  hasProgram(["curl", "--version"], "apt-get install curl") &&
  hasProgram(["python3", "--version"], "apt-get install python3");

describe.skipIf(!isRunnable)("docs/integrate.md", { timeout: 120_000 }, () => {
  it("is true, block by block", async () => {
    expect(blocks.map(({ language }) => language)).toEqual(["sh", "sh", "sh", "ts", "python"]);
    const folder = mkdtempSync(join(tmpdir(), "shield-guide-"));
    const node = await startNode();
    await node.rpc("createwallet", "w");
    await node.rpc("generatetoaddress", 5, await node.rpc("getnewaddress"));
    const auth = { cookie_file: node.cookieFile };
    const deployment = await deploy({ nodes: [{ node_id: "node-1", url: node.url, auth }] });
    const service = await deployment.start();
    const path = deployment.config.keys_file;
    const [key] = await addKeys(
      { path, nowMs: Date.now, random: randomBytes },
      [
        {
          role: "wallet",
          name: "backend",
          wallets: [WALLET],
          reports_for: null,
          expires_at_ms: null,
        },
      ],
      { create: true },
    );
    const app = await createHttpServer({
      service,
      keyring: createKeyring({ path, monotonic: () => performance.now() }),
      settings: { ...deployment.config.http, tls: null },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined } as never,
      registry: new Registry(),
      clock: Date.now,
      monotonic: () => performance.now(),
    });
    try {
      const SHIELD = await app.listen({ host: "127.0.0.1", port: 0 });
      await until(service.status, ({ state }) => state === "open");
      const ADDRESS = String(await node.rpc("getnewaddress"));
      const env = { ...process.env, SHIELD, KEY: key?.token ?? "", ADDRESS };
      const outputs: string[] = [];
      for (const block of blocks) {
        const [program, ...args] = commandOf(block, folder);
        outputs.push((await run(program, args, { env })).stdout);
      }
      expect(outputs[0]).toMatch(/"final":"ALLOW"/);
      expect(outputs[1]).toMatch(/"decision":"ALLOW"/);
      expect(outputs[2]).toMatch(/"accepted":true/);
      expect(outputs.slice(3).map((text) => text.trim())).toEqual([
        "batch-1 committed: true",
        "w-3001 released",
      ]);
    } finally {
      await app.close();
      await service.close();
      await node.remove();
      deployment.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
