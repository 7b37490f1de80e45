/** Runs every code block of the page for operators, in its order, on a deployment over a real node. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { freePort } from "@dgb-shield/testkit/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Block, blocksOf, createDesk, type Desk } from "./support/page.js";
import { until } from "./support/service.js";
import { litecoinRegtest } from "@dgb-shield/chain";
import { addressNo } from "./support/addresses.js";

const PAGE = new URL("../../../docs/operations.md", import.meta.url);
const blocks = blocksOf(readFileSync(PAGE, "utf8"));
let next = 0;

/** The next block of the page, which must be of a language and of a part. */
function block(language: string, heading: string): string {
  const found = blocks[next++] as Block;
  expect({ language: found.language, heading: found.heading }).toEqual({ language, heading });
  return found.code;
}

/** A payment under an id of its own. */
const PAYMENT = {
  ...{ wallet_id: "hot", account_id: "ada", amount: "3", max_fee: "0.001" },
  destinations: [{ address: addressNo(litecoinRegtest, 3), amount: "2.999" }],
  ...{ wallet_balance: "100000", behaviour_score: 1, trusted_device: true },
};
const payment = (fields: object = {}): string => JSON.stringify({ ...PAYMENT, ...fields });

type Json = Readonly<Record<string, unknown>>;

describe.skipIf(!hasLitecoind())("docs/operations.md", { timeout: 240_000 }, () => {
  let node: RegtestNode;
  let desk: Desk;
  let url = "";
  let service: ChildProcess | undefined;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    node = await startNode();
    await node.rpc("createwallet", "w");
    await mine(10);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    desk = createDesk(node, port, { SHIELD_POLL_MS: "1000", SHIELD_MAX_REPORT_AGE_MS: "60000" });
  }, 120_000);
  afterAll(async () => {
    await stop();
    desk.remove();
    await node.remove();
  });

  const mine = async (count: number) =>
    node.rpc("generatetoaddress", count, await node.rpc("getnewaddress"));

  /** Starts `shield serve`, and waits until it answers. */
  async function serve(): Promise<void> {
    const child = spawn("sh", ["-euc", "exec shield serve"], {
      ...{ cwd: desk.folder, env: desk.env, stdio: "ignore" },
    });
    service = child;
    await until(
      async () =>
        child.exitCode ??
        (await fetch(`${url}/livez`).then(
          ({ ok }) => ok,
          () => false,
        )),
      (answer) => {
        if (typeof answer === "number") throw new Error(`serve ended with ${answer}`);
        return answer;
      },
      120_000,
    );
  }

  async function stop(): Promise<void> {
    const child = service;
    service = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
  }

  const call = async (method: string, path: string, body?: string, role = "operator") => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${keys[role]}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body }),
    });
    return { code: response.status, answer: (await response.json()) as Json };
  };

  /** Sends the request of an `http` block. */
  function request(code: string) {
    const [line = "", ...rest] = code.trim().split("\n");
    const [method = "", path = ""] = line.split(" ");
    return call(method, path, rest.length === 0 ? undefined : rest.join("\n"));
  }

  const stateIs = (wanted: string) =>
    until(
      async () => (await call("GET", "/v1/status")).answer,
      ({ state }) => state === wanted,
      120_000,
    );

  it("The first day: makes a deployment, checks it, serves it, and enforces one wallet", async () => {
    const code = block("sh", "The first day, in observe mode");
    const commands = code.trim().split("\n");
    expect(commands.pop()).toBe("shield serve");
    const { stdout } = await desk.sh(commands.join("\n"));
    for (const [, role = "", token = ""] of stdout.matchAll(/^(\w+) +(shd_\S+)$/gm)) {
      keys[role] = token;
    }
    expect(Object.keys(keys)).toEqual(["operator", "wallet", "reader"]);
    expect(stdout).toMatch(/^ok {4}ledger: /m);
    expect(stdout).toMatch(/^ok {4}node node-1: /m);
    await serve();
    await stateIs("open");
    const { answer } = await call("PUT", "/v1/payments/o-1", payment(), "wallet");
    expect(answer).toMatchObject({ enforced: false });
    await stop();
    appendFileSync(
      join(desk.folder, "shield.yaml"),
      block("yaml", "The first day, in observe mode"),
    );
    await serve();
    await stateIs("open");
    const enforced = await call("PUT", "/v1/payments/o-2", payment(), "wallet");
    expect(enforced.answer).toMatchObject({ enforced: true });
  });

  it("May I pay out now: answers by the exit code as well", async () => {
    writeFileSync(join(desk.folder, "reader.key"), `${keys["reader"]}\n`);
    const { stdout } = await desk.sh(block("sh", "May I pay out now?"));
    expect(stdout).toMatch(/^open: /);
  });

  it("An incident: lists and releases it, and lifts the freeze that it caused", async () => {
    const tip = await node.rpc("getblockhash", 2);
    await node.rpc("invalidateblock", tip);
    await mine(12);
    await stateIs("stopped");
    const refused = await call("PUT", "/v1/payments/o-3", payment(), "wallet");
    expect(refused.answer).toMatchObject({ final: "REFUSED" });
    const listed = await request(block("http", "An incident"));
    const incidents = (
      listed.answer as { incidents: readonly { incident_id: string; level: string }[] }
    ).incidents;
    const grave = incidents.find(({ level }) => level === "critical" || level === "high");
    const release = block("http", "An incident");
    const [example = ""] = /[a-z_]+-\d{13}/.exec(release) ?? [];
    const released = await request(release.replace(example, grave?.incident_id ?? ""));
    expect(released.code).toBe(200);
    expect(released.answer["released"]).not.toEqual([]);
  });

  it("A frozen wallet: names the cause, and lifts it", async () => {
    const listed = await request(block("http", "A frozen wallet or account"));
    expect(listed.answer["freezes"]).toMatchObject([{ scope: "wallet", id: "hot", kind: "risk" }]);
    const lifted = await request(block("http", "A frozen wallet or account"));
    expect(lifted).toMatchObject({ code: 200, answer: { accepted: true } });
    expect((await call("GET", "/v1/freezes")).answer["freezes"]).toEqual([]);
  });

  it("The clock: accepts it, on the record", async () => {
    const accepted = await request(block("http", "The clock"));
    expect(accepted.code).toBe(200);
    const { answer } = await call("GET", "/v1/records?limit=1000");
    expect(JSON.stringify(answer)).toContain("after the repair of NTP");
  });

  it("Keys: adds, rotates and revokes one, and the service follows", async () => {
    const { stdout } = await desk.sh(block("sh", "Keys"));
    const token = /shd_\S+/.exec(stdout)?.[0] ?? "";
    keys["night"] = token;
    const codeOf = async () => (await call("GET", "/v1/status", undefined, "night")).code;
    await until(codeOf, (code) => code === 200);
    const list = await desk.sh("shield keys list --json");
    const listed = JSON.parse(list.stdout) as { id: string; name: string }[];
    const ID = listed.find(({ name }) => name === "night shift")?.id ?? "";
    await desk.sh(block("sh", "Keys"), { ID });
    await until(codeOf, (code) => code === 401);
  });

  it("Statements of the tip: makes a key, and verifies what the service signs", async () => {
    const config = join(desk.folder, "shield.yaml");
    const heading = "Statements of the tip";
    const operator = /^operator: "?([^"\s]+)/m.exec(readFileSync(config, "utf8"))?.[1] ?? "";
    await desk.sh(block("sh", heading).replace("exchange", operator));
    await stop();
    appendFileSync(config, block("yaml", heading));
    await serve();
    await until(
      async () => (await call("GET", "/v1/chain/statement")).code,
      (code) => code === 200,
      60_000,
    );
    const commands = block("sh", heading).replace("http://127.0.0.1:8480", url);
    expect((await desk.sh(commands)).stdout).toMatch(new RegExp(`^VALID: signed by ${operator} `));
  });

  it("Backup and restore: adopts the copy under a new epoch, and imports what it lacks", async () => {
    await stop();
    await desk.sh(block("sh", "Backup and restore"));
    await serve();
    await stop();
    const { stdout } = await desk.sh(block("sh", "Backup and restore"));
    expect(stdout).toMatch(/epoch 2$/m);
    const recent = block("csv", "Payments of before");
    writeFileSync(join(desk.folder, "paid.csv"), recent);
    const imported = await desk.sh(block("sh", "Payments of before"));
    expect(imported.stdout).toMatch(/^2 payments would be imported, 0 are in the ledger already/);
    expect(imported.stdout).toMatch(/^2 payments imported, 0 were in the ledger already/m);
    await serve();
    const again = await call(
      ...(["PUT", "/v1/payments/w-902"] as const),
      ...[payment({ account_id: "ben" }), "wallet"],
    );
    expect(again).toMatchObject({ code: 409, answer: { code: "content_changed" } });
  });

  it("Old records: exports and prunes while the service runs", async () => {
    const { stdout } = await desk.sh(block("sh", "Old records"));
    expect(stdout).toMatch(/^[1-9]\d* records exported, through number \d+\n0 records exported/);
    expect(readdirSync(desk.folder)).toContain("records.jsonl");
    expect((await call("GET", "/v1/status")).code).toBe(200);
  });

  it("has no block that was not run", () => {
    expect(blocks.slice(next)).toEqual([]);
  });
});
