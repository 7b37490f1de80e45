/** Proposals over a running service: what loosens, who approves, and what happens under stress. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change } from "../../../src/service/governance/change.js";
import type { Proposal } from "../../../src/service/governance/view.js";
import type { Actor } from "../../../src/service/keys/actor.js";
import type { Service } from "../../../src/service/service.js";
import {
  actorOf,
  type GovernedDeployment,
  governedDeployment,
  newKey,
} from "../../support/governed.js";
import { until, WALLET } from "../../support/service.js";

const HOUR_MS = 3_600_000;

let governed: GovernedDeployment;
let service: Service;
let who: Record<"ann" | "bob" | "cleo" | "dora", Actor>;
beforeEach(async () => {
  governed = await governedDeployment();
  service = await governed.start();
  const of = (name: string): Actor => actorOf(governed.keys[name]!);
  who = { ann: of("ann"), bob: of("bob"), cleo: of("cleo"), dora: of("dora") };
});
afterEach(async () => {
  await service.close();
  governed.remove();
});

const UNFREEZE: Change = { kind: "unfreeze", scope: "cause", id: "" };
const isProposal = (answer: object): Proposal => {
  expect(answer).toHaveProperty("proposal_id");
  return answer as Proposal;
};
const propose = async (change: Change, by = who.ann): Promise<Proposal> =>
  isProposal(await service.propose(change, "a reason", by));
const approve = (id: string, by: Actor) => service.vote(id, { vote: "approve", reason: null }, by);
const reject = (id: string, by: Actor) => service.vote(id, { vote: "reject", reason: "no" }, by);
const statusOf = (id: string): string =>
  service.proposals().find(({ proposal_id }) => proposal_id === id)?.status ?? "gone";

async function frozen(): Promise<Change> {
  const { cause_id } = (await service.freeze("wallet", WALLET, "a drill", who.ann)) as {
    cause_id: string;
  };
  return { ...UNFREEZE, id: cause_id } as Change;
}
const freezes = async () => {
  const page = await service.freezes({});
  return page.accepted ? page.freezes.length : -1;
};
type Recorded = { kind: string; record: { action?: string } };
const recorded = async () =>
  ((await service.records(0, 1_000)) as unknown as Recorded[])
    .filter(({ kind }) => kind === "governance")
    .map(({ record }) => record.action);

describe("a freeze", () => {
  it("is not lifted by one key, and is once two others approved its proposal", async () => {
    const change = await frozen();
    const answer = await service.unfreeze("cause", (change as { id: string }).id, "mine", who.ann);
    expect(answer).toEqual({ governed: change });
    const { proposal_id } = await propose(change);
    expect((await service.status()).awaiting_second_key).toBe(true);
    expect(await approve(proposal_id, who.ann)).toMatchObject({ refused: "own_proposal" });
    expect(isProposal(await approve(proposal_id, who.bob))).toMatchObject({
      ...{ status: "open", approvals: 1, approvals_needed: 2 },
    });
    // The same person again changes nothing.
    expect(isProposal(await approve(proposal_id, who.bob)).approvals).toBe(1);
    expect(await freezes()).toBe(1);
    expect(isProposal(await approve(proposal_id, who.dora))).toMatchObject({ status: "executed" });
    expect(await freezes()).toBe(0);
    expect(await recorded()).toEqual([
      ...["latched", "proposed", "approved_by", "approved_by", "approved_by"],
      ...["executing", "executed"],
    ]);
    expect(await approve(proposal_id, who.cleo)).toMatchObject({ refused: "proposal_closed" });
  });

  it("that has changed since makes its proposal stale, and stays", async () => {
    await service.freeze("account", "alice", "one", who.ann);
    const page = await service.freezes({});
    const [first] = page.accepted ? page.freezes : [];
    const change = { kind: "unfreeze", scope: "cause", id: first!.cause_id } as const;
    const one = await propose(change);
    const two = await propose(change, who.bob);
    for (const [{ proposal_id }, by] of [
      [one, [who.bob, who.cleo]],
      [two, [who.ann, who.cleo]],
    ] as const) {
      for (const actor of by) await approve(proposal_id, actor);
    }
    expect([statusOf(one.proposal_id), statusOf(two.proposal_id)]).toEqual(["executed", "stale"]);
  });
});

describe("closed proposals", () => {
  it("are kept in number and in size, the newest ones, whatever one key proposes and withdraws", async () => {
    const wide = (at: number) => ({
      ...newKey(`key-${at}`, "wallet"),
      wallets: Array.from({ length: 64 }, (_, i) => `${"w".repeat(120)}-${i}`),
    });
    for (let at = 0; at < 20; at++) {
      const add = Array.from({ length: 8 }, (_, i) => wide(at * 8 + i));
      const { proposal_id } = await propose({ kind: "keys", add, revoke: [] });
      await service.withdrawProposal(proposal_id, "again", who.ann);
      expect(statusOf(proposal_id)).toBe("withdrawn");
    }
    const kept = service.proposals();
    expect(kept.length).toBeGreaterThan(1);
    expect(JSON.stringify(kept).length).toBeLessThan(520_000);
  });
});

describe("votes", () => {
  it("against leave a proposal open while enough others are left, then end it", async () => {
    const { proposal_id } = await propose(await frozen());
    expect(isProposal(await reject(proposal_id, who.bob)).status).toBe("open");
    expect(isProposal(await reject(proposal_id, who.cleo)).status).toBe("rejected");
  });

  it("are taken back by the same person's next one", async () => {
    const change: Change = { kind: "keys", add: [newKey("eve")], revoke: [] };
    const { proposal_id } = await propose(change);
    await approve(proposal_id, who.bob);
    expect(isProposal(await approve(proposal_id, who.cleo))).toMatchObject({ status: "approved" });
    expect(isProposal(await reject(proposal_id, who.cleo))).toMatchObject({
      ...{ status: "open", due_at_ms: null },
    });
  });

  it("are refused of keys that do not govern, and of unknown ones", async () => {
    const { proposal_id } = await propose(await frozen());
    for (const name of ["backend", "ada", "auditor", "peer"]) {
      const by = actorOf(governed.keys[name]!);
      expect(await approve(proposal_id, by)).toMatchObject({ refused: "not_governing" });
    }
    const forged = { operator: "cleo", key_id: who.bob.key_id };
    expect(await approve(proposal_id, forged)).toMatchObject({ refused: "not_governing" });
    expect(await approve("p-none", who.bob)).toMatchObject({ refused: "not_found" });
  });
});

describe("a change of keys", () => {
  it("waits its delay, and is made at once everywhere it counts", async () => {
    const key = newKey("eve");
    const { proposal_id } = await propose({ kind: "keys", add: [key], revoke: [] });
    await approve(proposal_id, who.bob);
    await approve(proposal_id, who.cleo);
    governed.pass(HOUR_MS - 5_000);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(statusOf(proposal_id)).toBe("approved");
    expect(service.governedKeys()?.some(({ id }) => id === key.id)).toBe(false);
    governed.pass(5_000);
    await until(
      () => Promise.resolve(statusOf(proposal_id)),
      (status) => status === "executed",
    );
    expect(service.governedKeys()?.some(({ id }) => id === key.id)).toBe(true);
  });

  it("of two that were proposed beside each other makes the other one stale", async () => {
    const one = await propose({ kind: "keys", add: [newKey("eve")], revoke: [] });
    const two = await propose({ kind: "keys", add: [newKey("fay")], revoke: [] }, who.bob);
    for (const by of [who.bob, who.cleo]) await approve(one.proposal_id, by);
    for (const by of [who.ann, who.cleo]) await approve(two.proposal_id, by);
    governed.pass(HOUR_MS);
    await until(
      () => Promise.resolve([statusOf(one.proposal_id), statusOf(two.proposal_id)]),
      (both) => both.includes("executed"),
    );
    expect([statusOf(one.proposal_id), statusOf(two.proposal_id)].sort()).toEqual([
      ...["executed", "stale"],
    ]);
  });

  it("by an approver whose key was revoked meanwhile does not happen", async () => {
    const { proposal_id } = await propose({ kind: "keys", add: [newKey("eve")], revoke: [] });
    await approve(proposal_id, who.bob);
    await approve(proposal_id, who.cleo);
    await service.revokeKey(who.cleo.key_id, "it was stolen", who.ann);
    governed.pass(2 * HOUR_MS);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(statusOf(proposal_id)).toBe("open");
    expect(isProposal(await approve(proposal_id, who.dora))).toMatchObject({ status: "approved" });
  });

  it("that ends a reporter's is governed: the alarms of its site would end with it", async () => {
    const { id } = governed.keys["peer"]!;
    const change: Change = { kind: "keys", add: [], revoke: [id] };
    expect(await service.revokeKey(id, "false alarms", who.ann)).toEqual({ governed: change });
    expect(service.governedKeys()?.find((key) => key.id === id)?.revoked_at_ms).toBeNull();
    const { proposal_id } = await propose(change);
    for (const by of [who.bob, who.cleo]) await approve(proposal_id, by);
    governed.pass(HOUR_MS);
    await until(
      () => Promise.resolve(statusOf(proposal_id)),
      (status) => status === "executed",
    );
    // It no longer counts, so that to revoke it once more ends nothing.
    expect(await service.revokeKey(id, "again", who.ann)).toMatchObject({ id });
  });

  it("may end the last keys that govern only together with others in their place", async () => {
    expect(await service.revokeKey(who.dora.key_id, "left", who.ann)).toMatchObject({
      name: "dora",
    });
    expect(await service.revokeKey(who.cleo.key_id, "left", who.ann)).toMatchObject({
      refused: "last_governing_keys",
    });
    const bare: Change = { kind: "keys", add: [], revoke: [who.cleo.key_id] };
    expect(await service.propose(bare, "left", who.ann)).toMatchObject({
      refused: "last_governing_keys",
    });
    // A second key of the same person is no other person.
    const same: Change = { ...bare, add: [newKey("Bob")] };
    expect(await service.propose(same, "left", who.ann)).toMatchObject({
      refused: "last_governing_keys",
    });
    const { proposal_id } = await propose({ ...bare, add: [newKey("eve")] });
    for (const by of [who.bob, who.cleo]) await approve(proposal_id, by);
    governed.pass(HOUR_MS);
    await until(
      () => Promise.resolve(statusOf(proposal_id)),
      (status) => status === "executed",
    );
  });
});

describe("the clock", () => {
  it("that steps forward shortens no delay, and one that steps back loses none", async () => {
    const { proposal_id } = await propose({ kind: "keys", add: [newKey("eve")], revoke: [] });
    for (const by of [who.bob, who.cleo]) await approve(proposal_id, by);
    governed.step(30 * 24 * HOUR_MS);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(statusOf(proposal_id)).toBe("approved");
    governed.step(-60 * 24 * HOUR_MS);
    governed.pass(HOUR_MS);
    await until(
      () => Promise.resolve(statusOf(proposal_id)),
      (status) => status === "executed",
    );
  });
});

describe("a restart", () => {
  it("goes on with what was proposed and approved, and repeats nothing", async () => {
    const change = await frozen();
    const { proposal_id } = await propose(change);
    await approve(proposal_id, who.bob);
    await service.close();
    service = await governed.start();
    expect(statusOf(proposal_id)).toBe("open");
    expect(isProposal(await approve(proposal_id, who.cleo)).status).toBe("executed");
    const count = (await recorded()).length;
    await service.close();
    service = await governed.start();
    expect(statusOf(proposal_id)).toBe("executed");
    expect((await recorded()).length).toBe(count);
  });

  it("without the section stays governed: the configuration is refused", async () => {
    await service.close();
    await expect(governed.start({ governance: null })).rejects.toThrow(/\/governance: .*loosens/);
    service = await governed.start();
    expect(service.governance()).toMatchObject({ approvals: 2, governors: 4 });
  });
});
