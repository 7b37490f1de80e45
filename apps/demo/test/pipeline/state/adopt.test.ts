import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { digibyteRegtest } from "@dgb-shield/chain";
import { describe, expect, it } from "vitest";
import { adoptState } from "../../../src/pipeline/state/adopt.js";
import { CALM_MS, calmSite, NODE, REQUEST, type SiteOptions } from "../../support/site.js";

function store(text: string | null = null) {
  const kept = { text, load: () => kept.text, save: (next: string) => void (kept.text = next) };
  return kept;
}

/** Whether a site with calm nodes pays. */
async function pays(options: SiteOptions, id: string): Promise<boolean> {
  const { pipeline } = calmSite(options);
  return (await pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: id })).final;
}

const adoption = {
  chain: digibyteRegtest,
  node_ids: [NODE],
  hold_ms: 60_000,
  now_ms: CALM_MS,
} as const;

describe("adoptState", () => {
  it.each<
    [string, "missing" | "unreadable" | "older", (first: string, last: string) => string | null]
  >([
    ["missing", "missing", () => null],
    ["unreadable", "unreadable", (_, last) => last.slice(0, -9)],
    ["older than the ledger", "older", (first) => first],
  ])("ends the lockdown by a state that is %s", async (_, found, spoil) => {
    const ledger = createMemoryLedger();
    const state = store();
    let first = "";
    const save = state.save;
    state.save = (text) => {
      if (first === "") first = text;
      save(text);
    };
    expect(await pays({ ledger, state }, "w-1")).toBe(true);
    const lost = store(spoil(first, state.text ?? ""));
    const spoiled = lost.text;
    expect(await adoptState({ ...adoption, ledger, store: lost })).toBe(found);
    expect(await pays({ ledger, state: lost }, "w-2")).toBe(true);
    // Without it the same ledger is locked down, which freezes the wallet: last.
    expect(await pays({ ledger, state: store(spoiled) }, "w-3")).toBe(false);
  });

  it("leaves a sound state as it is, and rejects one of another site", async () => {
    const ledger = createMemoryLedger();
    const state = store();
    await pays({ ledger, state }, "w-1");
    const before = state.text;
    expect(await adoptState({ ...adoption, ledger, store: state })).toBe("sound");
    expect(state.text).toBe(before);
    const other = { ...adoption, node_ids: ["node-z"] as const, ledger, store: state };
    await expect(adoptState(other)).rejects.toThrow("the stored state is of node node-a");
  });
});
