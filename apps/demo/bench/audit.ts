/**
 * Measures `shield audit verify` over a SQLite ledger of many records: `pnpm run bench:audit [records]`, 1,000,000 by default. Of five
 * records two are decisions of the whole pipeline, which are decided again; the rest are claims, commits and events.
 */
import { litecoinRegtest } from "@dgb-shield/chain";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalize, type JsonObject } from "@dgb-shield/contract";
import { createLocalSigner, generateKeyPair, parseKeyring } from "@dgb-shield/contract/signing";
import { createMemoryLedger, type NewRecord, parsePolicy } from "@dgb-shield/wallet-guardian";
import {
  createDecisionEngine,
  parsePolicy as parseGuardPolicy,
} from "@dgb-shield/quantum-wallet-guard";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { createRecheck } from "../src/audit/recheck/index.js";
import { randomSalt } from "../src/audit/salt-bytes.js";
import { openAuditStores } from "../src/audit/stores.js";
import { createTreeKeeper } from "../src/audit/tree-keeper.js";
import { createAuditProgress } from "../src/cli/audit/progress.js";
import { reportOn } from "../src/cli/audit/report.js";
import { calmSite, REQUEST } from "../test/support/site.js";

const COUNT = Number(process.argv[2] ?? 1_000_000);
const BATCH = 1_000;
const POLICY = { max_per_tx: "100", max_24h: "500", cooldown_seconds: 0 };

/** A decision of the whole pipeline, as it is recorded. */
async function decisionRecord(): Promise<JsonObject> {
  const ledger = createMemoryLedger();
  await calmSite({ ledger }).pipeline.decideWithdrawal(REQUEST);
  const found = (await ledger.records(0, 10)).find(({ kind }) => kind === "decision");
  if (found === undefined) throw new Error("nothing was decided");
  return found.record;
}

const folder = mkdtempSync(join(tmpdir(), "shield-audit-bench-"));
const path = join(folder, "ledger.sqlite");
const seconds = (fromMs: number): string => ((performance.now() - fromMs) / 1_000).toFixed(1);
try {
  const ledger = createSqliteLedger({ path, create: true });
  const text = canonicalize(await decisionRecord());
  const guard = createDecisionEngine({ policy: parseGuardPolicy({}) });
  /** The same decision on another payment, with what layer 5 makes of that. */
  const decisionOn = (id: string): string => {
    const record = JSON.parse(text.replaceAll('"w-1"', `"${id}"`)) as Record<string, JsonObject>;
    const { result } = guard.decide(record["context"] ?? {});
    return canonicalize({ ...record, result: { ...result } });
  };
  let from = performance.now();
  for (let at = 0; at < COUNT; at += BATCH) {
    const records = Array.from({ length: Math.min(BATCH, COUNT - at) }, (_, i): NewRecord => {
      const id = `w-${Math.floor((at + i) / 5)}`;
      const of = (at + i) % 5;
      if (of < 2) return { kind: "decision", json: decisionOn(id) };
      const facts = {
        record_version: 1,
        withdrawal_id: id,
        decision: "ALLOW",
        signer_id: "signer",
      };
      return {
        kind: of === 2 ? "claim" : of === 3 ? "commit" : "event",
        json: canonicalize(facts),
      };
    });
    await ledger.transact({ now_ms: Date.now(), ids: [], scopes: [], freezes: null }, () => ({
      result: null,
      writes: { records },
    }));
  }
  console.log(`${COUNT} records written in ${seconds(from)} s, ${statSync(path).size} bytes`);
  const { secret_keys, public_keys } = generateKeyPair("bench");
  const stores = await openAuditStores(
    { ledger: { kind: "sqlite", path }, data_dir: folder },
    () => undefined,
  );
  const keeper = createTreeKeeper({
    ...{ ledger, hashes: stores.hashes, salts: stores.salts, random: randomSalt },
    checkpoints: stores.checkpoints,
    signer: createLocalSigner(secret_keys),
    origin: { deployment_id: "bench", genesis: null },
    ...{ clock: Date.now, warn: console.log },
  });
  from = performance.now();
  await keeper.catchUp();
  await keeper.checkpoint();
  console.log(`tree built and signed in ${seconds(from)} s`);
  const key = {
    ...{ key_id: "bench", operator: "bench", components: ["audit_checkpoint"], public_keys },
    ...{ revoked: false, not_before_ms: 1_230_768_000_000, not_after_ms: 4_102_444_800_000 },
  };
  const parts = {
    ...{ ledger, stores, checkpoints: [], exported: undefined },
    trust: { keys: parseKeyring(canonicalize({ keyring_version: 1, keys: [key] })) },
    progress: (total: number) => createAuditProgress(process.stderr, total).move,
  };
  const config = {
    guardian: parsePolicy(POLICY),
    wallet_policies: new Map(),
    guard: parseGuardPolicy({}),
    addresses: "text",
    chain: litecoinRegtest,
  } as const;
  for (const recheck of [null, createRecheck(config)]) {
    from = performance.now();
    const fromCpu = process.cpuUsage();
    const { verdict, tree, decisions } = await reportOn({ ...parts, recheck });
    const took = (performance.now() - from) / 1_000;
    if (verdict !== "verified") throw new Error(`not verified: ${verdict}`);
    const cpu = process.cpuUsage(fromCpu);
    const cpuSeconds = (cpu.user + cpu.system) / 1_000_000;
    const what = recheck === null ? "tree alone" : `tree and ${decisions?.computed ?? 0} decisions`;
    console.log(
      `${what}: ${verdict}, ${took.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of a core), ${Math.round(tree.records / took)} records/s, ` +
        `largest memory ${Math.round(process.resourceUsage().maxRSS / 1_024)} MiB`,
    );
  }
  await stores.close();
  await ledger.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
