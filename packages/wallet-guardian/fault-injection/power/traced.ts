/** A process to trace: prints its answers, closes its ledger, opens it again, and goes on. */
import { writeSync } from "node:fs";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import { createGuardian, type Guardian } from "../../src/index.js";
import type { TracedPlan } from "../clients/plan.js";
import { POLICIES } from "../clients/policies.js";
import { recordOf } from "../clients/race.js";
import { requestOf, transactionOf } from "../clients/world.js";

/** Windows that never fill, so that everything is allowed. */
export const TRACED_POLICY = {
  ...POLICIES.implicit,
  windows: [{ seconds: 5, max_count: 1_000_000 }],
  limits: {},
};

const say = (act: string, id: string) => writeSync(1, `answer ${act} ${id}\n`);

/** Sends one request after the other, then many at once; closing brings the log into the file. */
export async function beTraced({ path, rounds, asks }: TracedPlan): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const ledger = createSqliteLedger({ path, create: true });
    const guardian = createGuardian({ policy: TRACED_POLICY, ledger, clock: () => Date.now() });
    const ids = Array.from({ length: asks }, (_, n) => `${round}-${n}`);
    for (const id of ids.slice(0, asks / 2)) await pay(guardian, id);
    await Promise.all(ids.slice(asks / 2).map((id) => pay(guardian, id)));
    await ledger.close();
  }
}

async function pay(guardian: Guardian, id: string): Promise<void> {
  const request = requestOf(id, 0);
  const answer = await guardian.evaluate(request, "LOW", {
    finalize: (decision) => {
      const facts = { by: "traced", request, risk: {}, allow: true, decision };
      return { allow: true, record: recordOf(facts) };
    },
  });
  if (answer.final) say("allowed", id);
  const { txid, inputs } = transactionOf(id, 0);
  const { accepted } = await guardian.commit(id, { txid, inputs });
  if (accepted) say("committed", id);
}
