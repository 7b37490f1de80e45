/**
 * A model of theft: one stolen key of each kind, and every call of the API that it can make, in any order. With governance on
 * nothing that was refused before passes afterwards, and enough keys are left to govern. What each can cause is written to
 * docs/governance.md (vitest -u).
 */
import { join } from "node:path";
import fc from "fast-check";
import { digibyteRegtest } from "@dgb-shield/chain";
import type { JsonObject } from "@dgb-shield/contract";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import { parsePolicy as parseGuardPolicy } from "@dgb-shield/quantum-wallet-guard";
import { runs } from "@dgb-shield/testkit/runs";
import { afterAll, describe, expect, it } from "vitest";
import { ACCESS, ROUTE_IDS, type RouteId } from "../../../src/service/http/access.js";
import { isNoWider } from "../../../src/service/governance/counted-keys.js";
import { governorsIn } from "../../../src/service/governance/governors.js";
import { LOOSENINGS } from "../../../src/service/governance/loosening.js";
import type { ApiKey } from "../../../src/service/keys/key.js";
import { addressNo } from "../../support/addresses.js";
import { governancePage, type Causes } from "../../support/governance-page.js";
import { actorOf, newKey } from "../../support/governed.js";
import { type GovernedHttp, startGovernedHttp } from "../../support/governed-http.js";

const REASON = { reason: "a theft" };
const ADDRESS = addressNo(digibyteRegtest, 17);
const TXID = "ab".repeat(32);
const WIDE = { cooldown_seconds: 0, claim: "explicit" as const };
const POLICIES = new Map([
  ["full", parsePolicy({ name: "full", max_per_tx: "500", max_24h: "500", ...WIDE })],
  [
    "waiting",
    parsePolicy({ name: "waiting", max_per_tx: "500", new_destination_seconds: 86_400, ...WIDE }),
  ],
]);

const request = (withdrawal_id: string, wallet_id: string, amount: string): JsonObject => ({
  ...{ withdrawal_id, wallet_id, amount, account_id: "alice" },
  ...{ wallet_balance: "100000", behaviour_score: 1, trusted_device: true },
  ...(wallet_id === "waiting"
    ? { max_fee: "0", destinations: [{ address: ADDRESS, amount }] }
    : {}),
});

/** What is refused, each for another reason, and must stay so. */
const REFUSED: Readonly<Record<string, JsonObject>> = {
  frozen: request("probe-frozen", "frozen", "1"),
  limit: request("probe-limit", "full", "10"),
  destination: request("probe-destination", "waiting", "1"),
  amount: request("probe-amount", "hot", "1001"),
  approvals: request("probe-approvals", "hot", "700"),
};

type Call = Readonly<{ id: RouteId; path: string; body?: object }>;

/** Every call that changes anything, with what a thief would try. */
function callsOf(world: GovernedHttp, thief: ApiKey, proposals: readonly string[]): Call[] {
  const call = (id: RouteId, target: string, body: object): Call => ({
    ...{ id, path: id.replace("{id}", encodeURIComponent(target)), body },
  });
  const { incidents, causes, binds } = world.facts;
  const lifts = [
    ...causes.map((id) => ({ scope: "cause", id })),
    ...["frozen", "full", "waiting", "hot"].map((id) => ({ scope: "wallet", id })),
    { scope: "account", id: "alice" },
    { scope: "global", id: "global" },
  ];
  const payments = ["claimed-1", "probe-limit", "probe-approvals", "probe-frozen", "stolen-1"];
  // A thief who revokes the stolen key ends the theft.
  const keys = Object.values(world.keys)
    .map(({ id }) => id)
    .filter((id) => id !== thief.id);
  const destination = { account_id: "alice", address: ADDRESS };
  const ofWallet = { wallet_id: "waiting", address: ADDRESS };
  const evil = newKey("eve");
  const change = (one: object) => call("POST /v1/proposals", "", { change: one, ...REASON });
  return [
    ...Object.values(REFUSED).map(({ withdrawal_id, ...body }) =>
      call("PUT /v1/payments/{id}", withdrawal_id as string, body),
    ),
    call("PUT /v1/payments/{id}", "stolen-1", {
      ...request("", "hot", "5"),
      withdrawal_id: undefined,
    }),
    ...payments.flatMap((id) => [
      call("POST /v1/payments/{id}/approvals", id, { binds: binds[id] ?? "0".repeat(64) }),
      call("POST /v1/payments/{id}/claim", id, { signer_id: "signer-1" }),
      call("POST /v1/payments/{id}/release", id, REASON),
      call("POST /v1/payments/{id}/release", id, {
        ...{ ...REASON, signer_id: "signer-1", not_executed: true },
      }),
      call("POST /v1/payments/{id}/commit", id, { txid: TXID }),
    ]),
    call("POST /v1/simulate", "", REFUSED["limit"]!),
    ...[destination, ofWallet].flatMap((one) => [
      call("PUT /v1/destinations", "", one),
      call("POST /v1/destinations/approvals", "", { ...one, ...REASON }),
    ]),
    call("POST /v1/signals", "", { signals: [signal(0.01), signal(0.1)] }),
    call("POST /v1/signals", "", { signals: [signal(1)] }),
    ...[0, 10_000_000].map((calls) =>
      call("POST /v1/telemetry", "", { calls, refused: calls, unauthorized: calls }),
    ),
    ...["hot", "full"].map((id) =>
      call("POST /v1/freezes", "", { scope: "wallet", id, ...REASON }),
    ),
    ...lifts.map((lift) => call("POST /v1/freezes/lift", "", { ...lift, ...REASON })),
    ...incidents.map((id) => call("POST /v1/incidents/{id}/release", id, REASON)),
    call("POST /v1/clock/accept", "", REASON),
    ...lifts.map((lift) => change({ kind: "unfreeze", ...lift })),
    ...incidents.map((incident_id) => change({ kind: "release_incident", incident_id })),
    change({ kind: "accept_clock" }),
    change({ kind: "release_payment", payment_id: "claimed-1" }),
    change({ kind: "approve_destination", ...destination }),
    change({ kind: "keys", add: [evil], revoke: [] }),
    change({ kind: "keys", add: [], revoke: keys.slice(0, 3) }),
    change({ kind: "configuration", governed: {} }),
    ...proposals.flatMap((id) => [
      call("POST /v1/proposals/{id}/approve", id, {}),
      call("POST /v1/proposals/{id}/reject", id, REASON),
      call("POST /v1/proposals/{id}/withdraw", id, REASON),
    ]),
    ...keys.map((id) => call("POST /v1/keys/{id}/revoke", id, REASON)),
  ];
}

const signal = (severity: number) => ({
  ...{ node_id: "peer-1", operator: "peer", source: "sentinel", type: "latency", severity },
  observed_at: Date.now(),
});

async function makeWorld(): Promise<GovernedHttp> {
  const world = await startGovernedHttp({
    ...{ wallets: new Map([["hot", "enforce"]]), wallet_policies: POLICIES },
    guard: parseGuardPolicy({ threshold_extra_auth: "600", required_approvals: 2 }),
  });
  const { service, keys } = world;
  const bob = actorOf(keys["bob"]!);
  await service.freeze("wallet", "frozen", "by an honest one", bob);
  await service.freeze("account", "carol", "by an honest one", bob);
  await service.decide(request("claimed-1", "full", "500"));
  await service.claim("claimed-1", { signer_id: "signer-1" });
  const page = await service.freezes({});
  const causes = page.accepted ? page.freezes.map(({ cause_id }) => cause_id) : [];
  world.facts.causes.push(...causes);
  world.facts.incidents.push(
    "state_missing-1",
    ...(await service.incidents()).map((one) => one.incident_id),
  );
  for (const one of Object.values(REFUSED)) {
    const answer = await service.decide(one);
    expect([answer.payment_id, answer.final]).toEqual([one["withdrawal_id"], "REFUSED"]);
    if (answer.binds !== null) world.facts.binds[answer.payment_id] = answer.binds;
  }
  for (const cause of causes) {
    const lift = { kind: "unfreeze", scope: "cause", id: cause } as const;
    const made = await service.propose(lift, "by an honest one", bob);
    world.facts.proposals.push((made as { proposal_id: string }).proposal_id);
  }
  return world;
}

/** What must hold whatever one key has called. */
async function expectNothingLoosened(world: GovernedHttp): Promise<void> {
  const { service, keys } = world;
  for (const one of Object.values(REFUSED)) {
    expect([one["withdrawal_id"], (await service.simulate(one)).final]).toEqual([
      ...[one["withdrawal_id"], "REFUSED"],
    ]);
  }
  expect(service.proposals().filter(({ status }) => /approved|exec/.test(status))).toEqual([]);
  const counted = service.governedKeys() ?? [];
  expect(governorsIn(counted, Date.now()).size).toBeGreaterThanOrEqual(3);
  const reporters = counted.filter((key) => key.role === "reporter" && key.revoked_at_ms === null);
  expect(reporters.map(({ name }) => name)).toEqual(["peer"]);
  const before = new Map(Object.values(keys).map((key) => [key.id, key]));
  for (const key of counted) expect(isNoWider(key, before.get(key.id)!)).toBe(true);
  expect(service.governance()).toMatchObject({ approvals: 2, loosen_delay_seconds: 3_600 });
}

const STOLEN = ["operator", "governor", "wallet", "approver", "reporter", "reader"] as const;
const HOLDER = {
  ...{ operator: "ann", governor: "dora", wallet: "backend" },
  ...{ approver: "ada", reporter: "peer", reader: "auditor" },
} as const;

const causes: Record<string, Causes> = {};
const worlds: GovernedHttp[] = [];
afterAll(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** Every ordered pair of numbers below a size. */
const pairsOf = (size: number): (readonly [number, number])[] =>
  Array.from({ length: size * size }, (_, at) => [Math.floor(at / size), at % size] as const);

const TIMEOUT_MS = runs(600_000, 3_600_000);

describe.each(STOLEN)("a stolen key of a kind: %s", { timeout: TIMEOUT_MS }, (kind) => {
  it("loosens nothing, in any order of calls, and leaves enough keys to govern", async () => {
    const world = await makeWorld();
    worlds.push(world);
    const thief = world.keys[HOLDER[kind]]!;
    const counts: Record<string, Set<string>> = {};
    const call = async ({ id, path, body }: Call): Promise<void> => {
      const { status, code } = await world.call(path, HOLDER[kind], body);
      const answers = (counts[id] ??= new Set());
      answers.add(status === 200 ? "200" : code);
      // What a role does not allow is refused; nothing here is the service's own fault.
      expect([path, status]).not.toEqual([path, 500]);
      expect([path, code]).not.toEqual([path, "unauthenticated"]);
    };
    const own = (): string[] => {
      const all = world.service.proposals();
      const mine = all.filter(({ proposed_by }) => proposed_by.key_id === thief.id);
      return [...world.facts.proposals, ...mine.map(({ proposal_id }) => proposal_id)].slice(-6);
    };
    /** Ends what the thief has proposed, so that no later proposal is refused for their number. */
    const withdrawOwn = async (): Promise<void> => {
      for (const { status, proposed_by, proposal_id } of world.service.proposals()) {
        if (status !== "open" || proposed_by.key_id !== thief.id) continue;
        await world.service.withdrawProposal(proposal_id, "again", actorOf(thief));
      }
    };
    const first = callsOf(world, thief, own());
    const routes = new Set(first.map(({ id }) => id));
    expect(ROUTE_IDS.filter((id) => !id.startsWith("GET") && !routes.has(id))).toEqual([]);
    // Each call once, with everything compared after each: what fails is named by its call.
    for (const one of first) {
      await call(one);
      await expectNothingLoosened(world);
    }
    // What later orders add depends on chance.
    causes[kind] = Object.fromEntries(
      Object.entries(counts).flatMap(([id, answers]) =>
        answers.has("role_not_allowed") ? [] : [[id, [...answers].sort()]],
      ),
    );
    const allowed = (id: RouteId): boolean => ACCESS[id].roles.includes(thief.role);
    const useful = () => callsOf(world, thief, own()).filter(({ id }) => allowed(id));
    const size = useful().length;
    if (size > 0) {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(size - 1), { maxLength: 10 }), async (order) => {
          const calls = useful();
          for (const at of order) await call(calls[at % calls.length]!);
          await expectNothingLoosened(world);
        }),
        { numRuns: runs(12, 2_000) },
      );
    }
    for (const [a, b] of pairsOf(runs(0, size))) {
      for (const at of [a, b]) {
        const calls = useful();
        await call(calls[at % calls.length]!);
      }
      await expectNothingLoosened(world);
      await withdrawOwn();
    }
    for (const { route } of LOOSENINGS) {
      if (route === null || !allowed(route) || route === "POST /v1/keys/{id}/revoke") continue;
      expect([route, [...(counts[route] ?? [])]]).toEqual([
        ...[route, expect.arrayContaining(["governed"])],
      ]);
    }
  });
});

describe("docs/governance.md", () => {
  it("states what each key can cause, and the table of what loosens (vitest -u writes it)", async () => {
    expect(Object.keys(causes).sort()).toEqual([...STOLEN].sort());
    await expect(governancePage(causes)).toMatchFileSnapshot(
      join(import.meta.dirname, "../../../../../docs/governance.md"),
    );
  });
});
