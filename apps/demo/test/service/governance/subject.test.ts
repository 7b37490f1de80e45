/** What a proposal is about, in sentences: as it stands now, and never silently less than it is. */
import type { ListedFreeze } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { described, type SubjectSources } from "../../../src/service/governance/subject.js";
import type { Proposal, ShownChange } from "../../../src/service/governance/view.js";

const freeze = (n: number): ListedFreeze =>
  ({
    ...{ cause_id: `c-${n}`, scope: "wallet", id: "hot", kind: "risk", operator: null },
    reason: `reason ${n}`,
  }) as unknown as ListedFreeze;

/** Nothing is there. */
const EMPTY = {
  freezes: () => Promise.resolve({ accepted: true, freezes: [], next: null }),
  incidents: () => Promise.resolve([]),
  payment: () => Promise.resolve({ missing: true }),
  governedKeys: () => [],
} as unknown as SubjectSources;

async function about(
  change: object,
  sources: object = {},
  status = "open",
): Promise<readonly string[]> {
  const proposal = { proposal_id: "p-1", status, change: change as ShownChange } as Proposal;
  const [one] = await described([proposal], { ...EMPTY, ...sources });
  return one?.subject ?? [];
}

const LIFT = { kind: "unfreeze", scope: "wallet", id: "hot" };
const RELEASE = { kind: "release_incident", incident_id: "i-1" };
const GIVE_BACK = { kind: "release_payment", payment_id: "w-17" };

describe("the subject of a proposal", () => {
  it("is the freezes that are lifted, over all pages; many are counted", async () => {
    const pages = (all: number) => ({
      freezes: ({ after }: { after?: string }) => {
        const from = after === undefined ? 0 : Number(after);
        const freezes = Array.from({ length: Math.min(2, all - from) }, (_, i) => freeze(from + i));
        const next = from + 2 < all ? String(from + 2) : null;
        return Promise.resolve({ accepted: true, freezes, next });
      },
    });
    expect(await about(LIFT, pages(3))).toEqual(
      [0, 1, 2].map((n) => `It lifts the freeze of wallet hot by risk: reason ${n}`),
    );
    const [last] = (await about(LIFT, pages(19))).slice(-1);
    expect(last).toBe("It lifts the freeze of wallet hot by risk: reason 18");
    // More than are looked through: what is left out is said.
    const many = await about(LIFT, pages(1_000));
    expect(many.at(-1)).toBe("What is frozen cannot be read: look before you vote.");
  });

  it("counts what it does not name", async () => {
    const freezes = Array.from({ length: 23 }, (_, n) => freeze(n));
    const all = () => Promise.resolve({ accepted: true, freezes, next: null });
    const sentences = await about(LIFT, { freezes: all });
    expect([sentences.length, sentences.at(-1)]).toEqual([21, "And of 3 more freezes."]);
  });

  it("leaves out an operator's own freeze of the same scope, and takes it by its cause", async () => {
    const own = { ...freeze(1), kind: "operator", operator: "ann" } as ListedFreeze;
    const all = () => Promise.resolve({ accepted: true, freezes: [own], next: null });
    expect(await about(LIFT, { freezes: all })).toEqual(["No such freeze is in force (any more)."]);
    const byCause = { kind: "unfreeze", scope: "cause", id: "c-1" };
    expect(await about(byCause, { freezes: all })).toEqual([
      "It lifts the freeze of wallet hot by operator (ann): reason 1",
    ]);
  });

  it("is the incident's summary, and the payment's amount and destinations", async () => {
    const incidents = () => Promise.resolve([{ incident_id: "i-1", summary: "two chains" }]);
    expect(await about(RELEASE, { incidents })).toEqual(["It releases the incident: two chains"]);
    const destinations = [{ address: "dgb1qx", amount: "2.5" }];
    const view = { status: "claimed", amount: "2.5", wallet_id: "hot", account_id: null };
    const payment = () => Promise.resolve({ ...view, destinations });
    expect(await about(GIVE_BACK, { payment })).toEqual([
      "It gives back 2.5 coins of wallet hot, as never signed: they count against no limit any more.",
      "It was to pay 2.5 to dgb1qx.",
    ]);
  });

  it.each([
    [LIFT, "No such freeze is in force (any more)."],
    [RELEASE, "No such incident is open (any more)."],
    [GIVE_BACK, "No such payment is claimed (any more)."],
  ])("says what is gone: %o", async (change, sentence) => {
    expect(await about(change)).toEqual([sentence]);
    // Of a closed one nothing is read.
    expect(await about(change, {}, "executed")).toEqual([]);
  });

  it.each([
    [LIFT, { freezes: () => Promise.reject(new Error("gone")) }],
    [LIFT, { freezes: () => Promise.resolve({ accepted: false, reason_codes: [] }) }],
    [RELEASE, { incidents: () => Promise.reject(new Error("gone")) }],
    [GIVE_BACK, { payment: () => Promise.reject(new Error("gone")) }],
    [GIVE_BACK, { payment: () => Promise.resolve({ accepted: false, reason_codes: [] }) }],
  ])("says what cannot be read, and leaves nothing out: %o", async (change, sources) => {
    const [sentence, ...more] = await about(change, sources);
    expect(sentence).toMatch(/cannot be read: look before you vote\.$/);
    expect(more).toEqual([]);
  });

  it("names the keys that are revoked, also those that do not count any more", async () => {
    const governedKeys = () => [{ id: "aa", name: "Berlin", role: "reporter" }];
    const change = { kind: "keys", add: [], revoke: ["aa", "bb"] };
    expect(await about(change, { governedKeys })).toEqual([
      "It revokes key aa of Berlin: reporter.",
      "It revokes key bb, which does not count (any more).",
    ]);
  });
});
