/** A governed deployment of `shield serve`: its operator proposes, and two governors approve. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { addKeys } from "../../../src/service/keys/change-keys.js";
import { BackEnd } from "./back-end.js";
import type { FaultSuite } from "./suite.js";

const RULES = {
  ...{ approvals: 2, loosen_delay_seconds: 3_600, release_delay_seconds: 0 },
  proposal_valid_seconds: 86_400,
};

/** Makes it; governance is latched at its first start. */
export async function governedSite(make: FaultSuite["make"]) {
  const site = await make({ config: { governance: RULES } });
  const any = { wallets: null, reports_for: null, expires_at_ms: null };
  const added = await addKeys(
    { path: join(site.dataDir, "keys.json"), nowMs: Date.now, random: randomBytes },
    ["bob", "cleo"].map((name) => ({ role: "governor" as const, name, ...any })),
    { create: false },
  );
  const backEnd = new BackEnd(site);
  return {
    ...{ site, backEnd, governors: added.map(({ token }) => token) },
    /** Proposes a change as the operator; gives its id. */
    propose: async (change: object): Promise<string> => {
      const body = { change, reason: "a drill" };
      const made = await backEnd.ask("POST /v1/proposals", body, "operator");
      return String(made?.body["proposal_id"]);
    },
    /** Approves a proposal with a key; null where no answer comes. */
    vote: async (id: string, token = ""): Promise<unknown> => {
      const answer = await fetch(`${site.url}/v1/proposals/${id}/approve`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: "{}",
      }).catch(() => null);
      return answer?.json().catch(() => null) ?? null;
    },
    /** Reads a proposal as the operator. */
    read: async (id: string) =>
      (await backEnd.ask(`GET /v1/proposals/${id}`, undefined, "operator"))?.body ?? {},
  };
}
