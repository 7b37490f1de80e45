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
import { hasProgram } from "@dgb-shield/testkit/services";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf } from "./support/page.js";
import { type HttpService, KEYS, startHttpService } from "./support/http-service.js";
import { addressNo } from "./support/addresses.js";
import { digibyteRegtest } from "@dgb-shield/chain";

const DOCS = join(import.meta.dirname, "..", "..", "..", "docs");
const APP = join(import.meta.dirname, "..");
const run = promisify(execFile);
const blocks = blocksOf(readFileSync(join(DOCS, "clients.md"), "utf8"));
/** Code of the nth block of a language. */
const codeOf = (language: string, nth = 0) =>
  blocks.filter((block) => block.language === language)[nth]?.code ?? "";

const INSTALL =
  "npm install --global @openapitools/openapi-generator-cli@1.0.18-5.0.0-beta2, and a Java runtime";
const MODULES =
  "Debian: apt-get install python3-urllib3 python3-dateutil python3-six python3-certifi";
const canPython =
  hasProgram(["openapi-generator", "version"], INSTALL) &&
  hasProgram(["/usr/bin/python3", "-c", "import urllib3, dateutil, six, certifi"], MODULES);

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
  for (const name of ["openapi-fetch", "openapi-typescript", "@types/node", "@dgb-shield/client"]) {
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
  it("has blocks that generate, and one program a language", () => {
    expect(blocks.map(({ language }) => language)).toEqual([
      "ts",
      "sh",
      "ts",
      "python",
      "sh",
      "python",
    ]);
  });

  it("generates a client for TypeScript that the compiler accepts, and that pays though answers are lost", async () => {
    const bin = join(APP, "node_modules", ".bin");
    const env = {
      ...process.env,
      PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    };
    await run("sh", ["-euc", codeOf("sh")], { cwd: folder, env });
    writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type: "module" })}\n`);
    writeFileSync(join(folder, "client.ts"), codeOf("ts", 1));
    expect(compiled(join(folder, "client.ts"))).toEqual([]);
    const SHIELD = `http://127.0.0.1:${portOf(proxy)}`;
    const { stdout } = await run(process.execPath, [join(folder, "client.js")], {
      env: { ...process.env, ...KEYS_OF_PROGRAMS, SHIELD },
    });
    expect(stdout.trim().split("\n")).toEqual(["c-1 approved", "c-1 committed", "c-2 committed"]);
    await expectPaidOnce("c", "a1".repeat(32));
  });

  it("pays by the project's own client though answers are lost", async () => {
    writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type: "module" })}\n`);
    writeFileSync(join(folder, "own.ts"), codeOf("ts"));
    expect(compiled(join(folder, "own.ts"))).toEqual([]);
    const SHIELD = `http://127.0.0.1:${portOf(proxy)}`;
    const { stdout } = await run(process.execPath, [join(folder, "own.js")], {
      env: { ...process.env, ...KEYS_OF_PROGRAMS, SHIELD },
    });
    expect(stdout.trim().split("\n")).toEqual(["k-1 approved", "k-1 committed"]);
    expect(new Set(dropped)).toEqual(new Set(seen));
    const txid = "a3".repeat(32);
    expect(await paymentOf("k-1")).toMatchObject({ status: "committed", txid, amount: "900" });
  });

  it.runIf(canPython)(
    "generates a client for Python that pays though answers are lost",
    async () => {
      const inFolder = {
        cwd: folder,
        env: { ...process.env, PATH: `/usr/bin:${process.env["PATH"]}` },
      };
      writeFileSync(join(folder, "older.py"), codeOf("python"));
      await run("sh", ["-euc", codeOf("sh", 1)], { ...inFolder, maxBuffer: 1 << 26 });
      writeFileSync(join(folder, "client.py"), codeOf("python", 1));
      const SHIELD = `http://127.0.0.1:${portOf(proxy)}`;
      const { stdout } = await run("/usr/bin/python3", [join(folder, "client.py")], {
        env: { ...KEYS_OF_PROGRAMS, SHIELD, PYTHONPATH: join(folder, "python") },
      });
      expect(stdout.trim().split("\n")).toEqual(["p-1 approved", "p-1 committed", "p-2 committed"]);
      await expectPaidOnce("p", "b1".repeat(32));
    },
  );
});

const KEYS_OF_PROGRAMS = {
  ...{ KEY: KEYS.wallet.token, APPROVER: KEYS.approver.token },
  ADDRESS: addressNo(digibyteRegtest, 1),
};

/** Compares what one program's payments are in the end: every first answer was lost, and each payment counts once. */
async function expectPaidOnce(program: string, txid: string): Promise<void> {
  expect(new Set(dropped)).toEqual(new Set(seen));
  expect(dropped.filter((name) => name.includes(`/payments/${program}-`))).toHaveLength(7);
  expect(await paymentOf(`${program}-1`)).toMatchObject({ status: "committed", txid });
  expect(await paymentOf(`${program}-2`)).toMatchObject({ status: "committed", amount: "200.002" });
  const { body } = await service.call("GET /v1/wallets/hot");
  // The project's own client pays 900 between the two.
  const spent = { c: "1100.002", p: "3100.004" }[program];
  expect((body as { windows: unknown[] }).windows[0]).toMatchObject({ spent });
}

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
