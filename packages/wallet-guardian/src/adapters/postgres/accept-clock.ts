/** Accepts the clock in a PostgreSQL ledger: one transaction that excludes all others (design, section 7: clocks). */
import { has } from "../../internal/own.js";
import type { AcceptanceOrder } from "../../ports.js";
import type { Acceptance } from "../../clock/time.js";
import type { Query } from "./connection.js";
import { type KnownRecord, toAcceptance, toKnownRecord } from "./rows.js";
import type { Statements } from "./statements.js";

/** Longest wait for running transactions, in milliseconds; new ones wait longer for the acceptance. */
const ACCEPT_WAIT_MS = 2_000;

type Order = Readonly<{ given: object; order: AcceptanceOrder }>;

/** Accepts the clock and records it, durably or not at all. */
export async function acceptClock(
  query: Query,
  statements: Statements,
  { given, order }: Order,
): Promise<Acceptance & Readonly<{ record: KnownRecord | null }>> {
  await query(statements.begin);
  try {
    const statement = statements.accept({ ...given, max_wait_ms: ACCEPT_WAIT_MS });
    const [answer = []] = await query(statement);
    const { states, ...accepted } = toAcceptance(answer);
    const { kind, json } = order.recordOf(accepted.at_ms);
    const withdrawn = states.map(({ withdrawal_id, state }) => ({
      withdrawal_id,
      state: withoutAnswer(state),
    }));
    const [, appended = []] = await query(
      statements.writeStates(withdrawn),
      statements.appendRecord(accepted.at_ms, kind, json),
      statements.durable,
      statements.commit,
    );
    return { ...accepted, record: toKnownRecord(appended) };
  } catch (error) {
    await query(statements.rollback);
    throw error;
  }
}

/** Removes the ALLOW from a state; a state of versions before claims is the ALLOW itself. */
function withoutAnswer(text: string): string {
  const state = JSON.parse(text) as object;
  if (has(state as { record?: unknown }, "record")) return JSON.stringify({ record: null });
  return JSON.stringify(
    Object.fromEntries(Object.entries(state).filter(([key]) => key !== "answer")),
  );
}
