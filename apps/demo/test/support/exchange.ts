/** Plays an exchange's back end against a running service: payments, claims by rival signers, commits, over kills. */
import { createRandom } from "../../src/scenarios/random.js";

/** What a back end has seen acknowledged. */
export type Ledgered = {
  decisions: Map<string, { final: string; amount: number; decided_at_ms: number }[]>;
  /** Signers that were permitted to sign, by payment. */
  claims: Map<string, Set<string>>;
  commits: Map<string, string>;
  /** Requests that had no answer, and were asked again. */
  unanswered: number;
  /** Answers without a decision, by status and code. */
  faults: Map<string, number>;
};

/** How the back end runs. */
export type ExchangeOptions = Readonly<{
  url: string;
  key: string;
  payments: number;
  accounts: number;
  /** Each so-many-th payment is a batch of ten. */
  batchEvery: number;
  atOnce: number;
  seed: number;
  /** Called before each payment, with its number. */
  before: (number: number) => Promise<void>;
}>;

const CONTEXT = { wallet_balance: "100000000", behaviour_score: 1, trusted_device: true };
const BATCH = 10;
const LIMIT_MS = 120_000;

type Answer = Readonly<Record<string, unknown>>;

/** Runs all payments and returns what was acknowledged. */
export async function runExchange(options: ExchangeOptions): Promise<Ledgered> {
  const seen: Ledgered = {
    decisions: new Map(),
    claims: new Map(),
    commits: new Map(),
    unanswered: 0,
    faults: new Map(),
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let number = next++; number < options.payments; number = next++) {
      await options.before(number);
      await pay(number, options, seen);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
  return seen;
}

async function pay(number: number, options: ExchangeOptions, seen: Ledgered): Promise<void> {
  const random = createRandom(options.seed + number);
  const id = `x-${number}`;
  const isBatch = number % options.batchEvery === 0;
  const count = isBatch ? BATCH : 1;
  const amounts = Array.from({ length: count }, () => random.integer(1, 20));
  const account = () => `account-${random.integer(1, options.accounts)}`;
  const payout = (amount: number) => ({ account_id: account(), amount: String(amount) });
  const body = isBatch
    ? { payouts: amounts.map((amount, i) => ({ withdrawal_id: `${id}-${i}`, ...payout(amount) })) }
    : payout(amounts[0] ?? 1);
  const amount = amounts.reduce((sum, one) => sum + one, 0);
  const decided = await ask(options, seen, "PUT", id, { wallet_id: "hot", ...body, ...CONTEXT });
  if (decided === null) return;
  const { final, decided_at_ms } = decided as { final: string; decided_at_ms: number };
  seen.decisions.set(id, [...(seen.decisions.get(id) ?? []), { final, amount, decided_at_ms }]);
  if (final !== "ALLOW") return;
  // Two signers want the same payment at once; at most one of them may sign.
  const signers = number % 3 === 0 ? ["signer-a", "signer-b"] : ["signer-a"];
  const claims = await Promise.all(
    signers.map(async (signer_id) => {
      const claimed = await ask(options, seen, "POST", `${id}/claim`, { signer_id });
      return claimed?.["decision"] === "ALLOW" ? [signer_id] : [];
    }),
  );
  const permitted = claims.flat();
  for (const signer of permitted) {
    seen.claims.set(id, (seen.claims.get(id) ?? new Set()).add(signer));
  }
  if (permitted.length === 0 || number % 7 === 0) return;
  const txid = number.toString(16).padStart(64, "0");
  const committed = await ask(options, seen, "POST", `${id}/commit`, { txid });
  if (committed?.["accepted"] === true) seen.commits.set(id, txid);
}

/** Asks until there is an answer; null where it is a fault that a repetition does not mend. */
async function ask(
  { url, key }: ExchangeOptions,
  seen: Ledgered,
  method: string,
  path: string,
  body: object,
): Promise<Answer | null> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      const response = await fetch(`${url}/v1/payments/${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
      const answer = (await response.json()) as Answer;
      if (response.ok) return answer;
      const fault = `${response.status} ${String(answer["code"])}`;
      seen.faults.set(fault, (seen.faults.get(fault) ?? 0) + 1);
      if (response.status !== 503 && response.status !== 429) return null;
    } catch {
      seen.unanswered++;
    }
    if (performance.now() > deadline) throw new Error(`no answer to ${path} within two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
