/** Runs every code block of the page of generated clients, against a service that leaves some calls without an answer. */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf } from "./support/page.js";
import { type HttpService, KEYS, startHttpService } from "./support/http-service.js";

const DOCS = join(import.meta.dirname, "..", "..", "..", "docs");
const APP = join(import.meta.dirname, "..");
const run = promisify(execFile);
const blocks = blocksOf(readFileSync(join(DOCS, "clients.md"), "utf8"));
const codeOf = (language: string) =>
  blocks.find((block) => block.language === language)?.code ?? "";

const folder = mkdtempSync(join(tmpdir(), "shield-clients-"));
let service: HttpService;
let proxy: Server;
/** Requests that reached the service, and those of them whose answer was then dropped. */
const seen: string[] = [];
const dropped: string[] = [];

beforeAll(async () => {
  service = await startHttpService({
    config: {
      guardian: { max_per_tx: "1000", max_24h: "100000", cooldown_seconds: 0, claim: "explicit" },
      guard: { threshold_extra_auth: "500", required_approvals: 1 },
    },
  });
  proxy = createServer(droppingFirst).listen(0, "127.0.0.1");
  copyFileSync(join(DOCS, "openapi.json"), join(folder, "openapi.json"));
  mkdirSync(join(folder, "node_modules"));
  const modules = createRequire(import.meta.url);
  for (const name of ["openapi-fetch", "openapi-typescript", "@types/node"]) {
    const target = join(folder, "node_modules", name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(dirname(modules.resolve(`${name}/package.json`)), target);
  }
}, 120_000);
afterAll(async () => {
  proxy.close();
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Hands on every request; the first answer to each is dropped, as by a connection that breaks after the work was done. */
const droppingFirst: Parameters<typeof createServer>[1] = (incoming, outgoing) => {
  const { method = "", url = "", headers } = incoming;
  const name = `${method} ${url}`;
  const isFirst = !seen.includes(name);
  seen.push(name);
  const onward = request(`${service.url}${url}`, {
    ...{ method, headers: { ...headers, host: new URL(service.url).host } },
  });
  onward.on("response", (answer) => {
    if (isFirst) {
      dropped.push(name);
      answer.resume();
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(onward);
};

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};

/** Payments as the ledger has them in the end. */
const paymentOf = async (id: string) =>
  (await service.call(`GET /v1/payments/${id}`)).body as unknown;

describe("docs/clients.md", { timeout: 240_000 }, () => {
  it("has one block to generate, and one program", () => {
    expect(blocks.map(({ language }) => language)).toEqual(["sh", "ts"]);
  });

  it("generates a client for TypeScript that the compiler accepts, and that pays though answers are lost", async () => {
    const bin = join(APP, "node_modules", ".bin");
    const env = {
      ...process.env,
      PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    };
    await run("sh", ["-euc", codeOf("sh")], { cwd: folder, env });
    writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type: "module" })}\n`);
    writeFileSync(join(folder, "client.ts"), codeOf("ts"));
    expect(compiled(join(folder, "client.ts"))).toEqual([]);
    const SHIELD = `http://127.0.0.1:${portOf(proxy)}`;
    const keys = { SHIELD, KEY: KEYS.wallet.token, APPROVER: KEYS.approver.token };
    const { stdout } = await run(process.execPath, [join(folder, "client.js")], {
      env: { ...process.env, ...keys },
    });
    expect(stdout.trim().split("\n")).toEqual(["c-1 approved", "c-1 committed", "c-2 committed"]);
    expect(new Set(dropped)).toEqual(new Set(seen));
    expect(dropped).toHaveLength(7);
    expect(await paymentOf("c-1")).toMatchObject({ status: "committed", txid: "a1".repeat(32) });
    expect(await paymentOf("c-2")).toMatchObject({ status: "committed", amount: "200.002" });
    const wallet = await service.call("GET /v1/wallets/hot");
    expect((wallet.body as { windows: unknown[] }).windows[0]).toMatchObject({ spent: "1100.002" });
  });
});

/** Compiles a program strictly; returns what the compiler finds wrong. */
function compiled(path: string): string[] {
  const options: ts.CompilerOptions = {
    ...{ strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext },
    ...{ moduleResolution: ts.ModuleResolutionKind.NodeNext, skipLibCheck: true, types: ["node"] },
    ...{ lib: ["lib.es2023.d.ts", "lib.dom.d.ts"] },
  };
  const program = ts.createProgram([path], options);
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, "\n"),
  );
}
