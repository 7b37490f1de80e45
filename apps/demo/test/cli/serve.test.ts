import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addKeys } from "../../src/service/keys/change-keys.js";
import { shield, start } from "../support/shield.js";
import { payment } from "../support/http-service.js";

const RECORDING = createRequire(import.meta.url).resolve(
  "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
);
const folder = mkdtempSync(join(tmpdir(), "shield-serve-"));
const config = join(folder, "shield.json");
let tokens: Readonly<Record<"wallet" | "reader" | "reporter", string>>;

beforeAll(async () => {
  const ledger = createSqliteLedger({ path: join(folder, "ledger.sqlite"), create: true });
  await ledger.identity();
  await ledger.close();
  writeFileSync(
    config,
    JSON.stringify({
      ...{ config_version: 1, deployment_id: "test", operator: "site-a", data_dir: folder },
      ...{ chain: "digibyte_regtest", unknown_network: "elevated" },
      recording: { file: RECORDING },
      guardian: { max_per_tx: "100", max_24h: "500", cooldown_seconds: 0 },
      http: { port: 0 },
    }),
  );
  const store = { path: join(folder, "keys.json"), nowMs: Date.now, random: randomBytes };
  const shared = { wallets: null, reports_for: null, expires_at_ms: null };
  const added = await addKeys(
    store,
    [
      { ...shared, role: "wallet", name: "wallet" },
      { ...shared, role: "reader", name: "reader" },
      {
        ...shared,
        role: "reporter",
        name: "peer",
        reports_for: { operator: "p", node_ids: ["n"] },
      },
    ],
    { create: true },
  );
  const [wallet = "", reader = "", reporter = ""] = added.map(({ token }) => token);
  tokens = { wallet, reader, reporter };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts `shield serve`, and waits for its address. */
async function serving(...more: string[]) {
  const { child, ended } = start(["serve", "--config", config, ...more]);
  let stdout = "";
  let url: string | undefined;
  while (url === undefined) {
    const [chunk] = (await once(child.stdout!, "data")) as [string];
    stdout += chunk;
    url = /at (http:\/\/\S+)/.exec(stdout)?.[1];
  }
  return { child, ended, url };
}

describe("shield serve", () => {
  it("serves, shows its mode and that a recording is no evidence, and ends at Ctrl-C", async () => {
    const { child, ended, url } = await serving();
    const response = await fetch(`${url}/v1/payments/p-1`, {
      method: "PUT",
      headers: { authorization: `Bearer ${tokens.wallet}`, "content-type": "application/json" },
      body: JSON.stringify(payment({ amount: "12.34567891" })),
    });
    const answer = (await response.json()) as { enforced: boolean; recorded: boolean };
    expect(answer).toMatchObject({ enforced: false, recorded: true });

    const key = join(folder, "reader.key");
    writeFileSync(key, `${tokens.reader}\n`);
    const text = await shield("status", "--url", url, "--key-file", key);
    expect(text.stdout).toMatch(/^(open|restricted|stopped|blind): /);
    expect(text.stdout).toContain("THE EVIDENCE IS A RECORDING");
    const json = await start(["status", "--url", url, "--json"], { SHIELD_KEY: tokens.reader })
      .ended;
    const { state } = JSON.parse(json.stdout) as { state: string };
    const codes: Readonly<Record<string, number>> = {
      open: 0,
      restricted: 20,
      stopped: 21,
      blind: 22,
    };
    expect(json.code).toBe(codes[state]);
    for (const wrong of [tokens.reporter, "shd_unknown"]) {
      const refused = await start(["status", "--url", url], { SHIELD_KEY: wrong }).ended;
      expect([refused.code, refused.stdout]).toEqual([2, ""]);
    }

    const second = await shield(
      "serve",
      "--config",
      config,
      "--set",
      `http.port=${new URL(url).port}`,
    );
    expect(second.code).not.toBe(0);
    expect(second.stderr).toMatch(/^shield: .+/m);

    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(stdout).toContain("OBSERVE mode");
    expect(stdout).toContain("A RECORDING IS PLAYED AS EVIDENCE");
    for (const secret of [tokens.wallet, tokens.reader, "12.34567891"]) {
      expect(stdout + stderr).not.toContain(secret);
    }
    expect(readdirSync(folder).filter((name) => /\.(new|tmp)$/.test(name))).toEqual([]);

    const gone = await start(["status", "--url", url], { SHIELD_KEY: tokens.reader }).ended;
    expect([gone.code, gone.stdout]).toEqual([1, ""]);
    expect(gone.stderr).toContain("treat payments as refused");
  });

  it.each<[string, string[], RegExp]>([
    ["an unusable configuration", ["--set", "http.port=99999"], /http\/port/],
    ["no ledger", ["--set", `data_dir=${join(folder, "empty")}`], /shield init/],
    [
      "a certificate that is not there",
      ["--set", "http.tls.cert_file=/nowhere/c", "--set", "http.tls.key_file=/nowhere/k"],
      /nowhere/,
    ],
  ])("with %s ends at once, and says what to do", async (_, more, text) => {
    const { code, stdout, stderr } = await shield("serve", "--config", config, ...more);
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^shield: /m);
    expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it("without a key is wrong usage of status", async () => {
    const { code, stderr } = await start(["status"], { SHIELD_KEY: "" }).ended;
    expect([code, stderr]).toEqual([2, "shield: no key: give --key-file FILE, or SHIELD_KEY\n"]);
  });
});
