/** Every command that goes on until it is stopped ends at the first signal, whatever it waits for, and leaves nothing behind. */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addKeys } from "../../src/service/keys/change-keys.js";
import { start } from "../support/shield.js";
import { until } from "../support/service.js";

const root = mkdtempSync(join(tmpdir(), "shield-ends-"));
const MARK = `SHIELD_TEST_MARK=${randomBytes(6).toString("hex")}`;
const [markName = "", markValue = ""] = MARK.split("=");

/** A node that accepts connections and never answers; it counts what it was asked. */
let silent: Server;
let asked = 0;
let nodeUrl = "";
const sockets = new Set<Socket>();
beforeAll(async () => {
  silent = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("data", () => asked++);
  });
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  const address = silent.address();
  nodeUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  rmSync(root, { recursive: true, force: true });
});

/** Processes that were started by a test and still run: they inherit its mark. */
const left = (): string[] =>
  readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "utf8").includes(MARK);
    } catch {
      return false;
    }
  });

const run = (...args: string[]) =>
  start(args, { [markName]: markValue, SHIELD_RPC_USER: "u", SHIELD_RPC_PASSWORD: "p" });

describe.skipIf(!existsSync("/proc/self/environ"))("a signal", { timeout: 240_000 }, () => {
  const folderOf = (name: string): string => {
    const folder = join(root, name);
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  };

  const POLLING: readonly (readonly [string, (folder: string) => string[], readonly string[]])[] = [
    ["watch", (folder) => ["watch", "--state", join(folder, "watch.json")], []],
    ["record", (folder) => ["record", join(folder, "node.jsonl.gz")], ["node.jsonl.gz"]],
    ["replay", () => ["replay"], []],
    // Without --chain each begins by finding out which one it is.
    ["watch, first", () => ["watch"], []],
    ["record, first", (folder) => ["record", join(folder, "node.jsonl.gz")], ["node.jsonl.gz"]],
    ["replay, first", () => ["replay"], []],
  ];

  it.each(POLLING)(
    "ends %s in the middle of a poll that is never answered",
    async (name, argsOf, files) => {
      const folder = folderOf(name);
      const before = asked;
      const { child, ended } = run(
        ...argsOf(folder),
        "--node",
        nodeUrl,
        ...(name.endsWith("first") ? [] : ["--chain", "litecoin_regtest"]),
      );
      await until(
        () => Promise.resolve(asked),
        (count) => count > before,
        120_000,
      );
      child.kill("SIGINT");
      expect((await ended).code).toBe(130);
      expect(readdirSync(folder).filter((file) => !files.includes(file))).toEqual([]);
      await until(
        () => Promise.resolve(left()),
        ({ length }) => length === 0,
      );
    },
  );

  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s ends serve in the middle of a poll, a stream of events and a body that never comes whole",
    async (signal) => {
      const folder = folderOf(signal);
      const ledger = createSqliteLedger({ path: join(folder, "ledger.sqlite"), create: true });
      await ledger.identity();
      await ledger.close();
      const config = join(root, `${signal}.json`);
      writeFileSync(
        config,
        JSON.stringify({
          ...{ config_version: 1, deployment_id: "test", operator: "site-a", data_dir: folder },
          ...{ chain: "litecoin_regtest", guardian: { max_24h: "500" }, http: { port: 0 } },
          nodes: [
            {
              node_id: "n",
              url: nodeUrl,
              user: "u",
              password_env: "SHIELD_RPC_PASSWORD",
            },
          ],
        }),
      );
      const store = { path: join(folder, "keys.json"), nowMs: Date.now, random: randomBytes };
      const none = { wallets: null, reports_for: null, expires_at_ms: null };
      const [key] = await addKeys(store, [{ role: "wallet", name: "w", ...none }], {
        create: true,
      });
      const before = asked;
      const { child, ended } = run("serve", "--config", config);
      let output = "";
      child.stdout?.on("data", (text: string) => (output += text));
      const address = await until(
        () => Promise.resolve(/at http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1]),
        (port) => port !== undefined,
        120_000,
      );
      await until(
        () => Promise.resolve(asked),
        (count) => count > before,
        120_000,
      );
      const files = readdirSync(folder).sort();
      const stream = await opened(
        Number(address),
        `GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key?.token}\r\n\r\n`,
      );
      await until(
        () => Promise.resolve(stream.received()),
        (text) => text.includes("200 OK"),
      );
      const half = await opened(
        Number(address),
        `PUT /v1/payments/p HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key?.token}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"wallet_id":`,
      );
      child.kill(signal);
      expect((await ended).code).toBe(0);
      await Promise.all([stream.closed, half.closed]);
      // The ledger's log goes with its last connection; nothing else is new.
      expect(readdirSync(folder).filter((file) => !files.includes(file))).toEqual([]);
      await until(
        () => Promise.resolve(left()),
        ({ length }) => length === 0,
      );
    },
  );
});

/** A connection that sent the beginning of a request. */
async function opened(port: number, text: string) {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  let received = "";
  socket.on("data", (data) => (received += data.toString("latin1")));
  const closed = new Promise<void>((done) => socket.once("close", () => done()));
  await new Promise<void>((done) => socket.write(text, () => done()));
  return { closed, received: () => received };
}
