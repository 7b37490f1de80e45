/** Computes recorded decisions again by the rules, as far as a record holds what they rest on. */
import {
  canonicalize,
  type StoredWithdrawalRecord,
  storedWithdrawalRecordSchema,
} from "@dgb-shield/contract";
import { createDecisionEngine, type DecisionEngine } from "@dgb-shield/quantum-wallet-guard";
import { createMemoryLedger, type LedgerRecord } from "@dgb-shield/wallet-guardian";
import { erasedValues } from "@dgb-shield/wallet-guardian/audit";
import { createGuardians, type Guardians } from "../../pipeline/index.js";
import { dryLedger } from "../../pipeline/dry-ledger.js";
import { scriptOption } from "../../service/config/destinations.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { composedDifference } from "./composition.js";
import { guardianDifference } from "./guardian.js";

/** A recorded decision that the rules do not give. */
export type DecisionDifference = Readonly<{ seq: number; layer: Layer; detail: string }>;
type Layer = "service" | "guardian" | "guard";

/** Decisions by policy or rules that are not those of now. */
export type OtherRules = Readonly<{
  layer: "guardian" | "guard";
  /** Policy version, and rules version where the layer has one. */
  version: string;
  decisions: number;
  first_seq: number;
}>;

/** What came of it. */
export type Rechecked = Readonly<{
  decisions: number;
  /** Records of decisions of another form, such as a library's own. */
  left_out: number;
  /** Records of decisions from which personal data was erased: what they were made of is not there any more. */
  erased: number;
  /** Decisions that were computed again in full, as far as records allow. */
  computed: number;
  /** The first 100. */
  differences: readonly DecisionDifference[];
  differences_count: number;
  other_rules: readonly OtherRules[];
}>;

/** A recheck under way. */
export type Recheck = Readonly<{
  /** Takes a record; others than decisions are no matter of it. */
  take(record: LedgerRecord): Promise<void>;
  result(): Rechecked;
}>;

const MAX_LISTED = 100;

/** Starts a recheck by the policies of a configuration. */
export function createRecheck(
  config: Pick<ServiceConfig, "guardian" | "wallet_policies" | "guard" | "addresses" | "chain">,
): Recheck {
  const clock = { now_ms: 0 };
  const guardians = createGuardians(
    {
      ...scriptOption(config),
      policy: config.guardian,
      ledger: dryLedger(createMemoryLedger()),
      clock: () => clock.now_ms,
    },
    Object.fromEntries(config.wallet_policies),
  );
  const qwg = createDecisionEngine({ policy: config.guard });
  const counts = { decisions: 0, left_out: 0, erased: 0, computed: 0, differences: 0 };
  const differences: DecisionDifference[] = [];
  const others = new Map<string, { -readonly [K in keyof OtherRules]: OtherRules[K] }>();

  const differs = (seq: number, layer: Layer, detail: string | null): void => {
    if (detail === null) return;
    counts.differences++;
    if (differences.length < MAX_LISTED) differences.push({ seq, layer, detail });
  };
  const isOther = (seq: number, layer: OtherRules["layer"], version: string | null): boolean => {
    if (version === null) return false;
    const key = `${layer} ${version}`;
    const known = others.get(key);
    if (known === undefined) others.set(key, { layer, version, decisions: 1, first_seq: seq });
    else known.decisions++;
    return true;
  };

  return Object.freeze({
    async take({ seq, kind, record }) {
      if (kind !== "decision") return;
      counts.decisions++;
      if (erasedValues({ record }) > 0) {
        counts.erased++;
        return;
      }
      const read = storedWithdrawalRecordSchema.safeParse(record);
      if (!read.success) {
        counts.left_out++;
        return;
      }
      const { data } = read;
      clock.now_ms = Math.max(clock.now_ms, data.decided_at_ms);
      differs(seq, "service", composedDifference(data));
      const isOfGuard = isOther(seq, "guard", otherGuard(qwg, data));
      if (!isOfGuard) differs(seq, "guard", guardDifference(qwg, data));
      const { difference, version } = await againBy(guardians, data);
      const isOfGuardian = isOther(seq, "guardian", version);
      if (!isOfGuardian) differs(seq, "guardian", difference);
      if (!isOfGuard && !isOfGuardian) counts.computed++;
    },
    result: () => ({
      ...{ decisions: counts.decisions, left_out: counts.left_out, computed: counts.computed },
      erased: counts.erased,
      ...{ differences, differences_count: counts.differences },
      other_rules: [...others.values()],
    }),
  } satisfies Recheck);
}

const otherGuard = (qwg: DecisionEngine, record: StoredWithdrawalRecord): string | null => {
  const version = "qwg_policy_version" in record ? record.qwg_policy_version : "unknown";
  return version === qwg.policy_version ? null : version;
};

/** Runs the Quantum Wallet Guard on the recorded context again. */
function guardDifference(qwg: DecisionEngine, record: StoredWithdrawalRecord): string | null {
  const { result } = qwg.decide(record.context);
  const isSame = canonicalize({ ...result }) === canonicalize(record.result);
  return isSame
    ? null
    : `recorded ${record.result.decision} (${record.result.reason_id}), computed ${result.decision} (${result.reason_id})`;
}

async function againBy(
  guardians: Guardians,
  record: StoredWithdrawalRecord,
): Promise<Readonly<{ difference: string | null; version: string | null }>> {
  const guardian = guardians.of(record.withdrawal["wallet_id"]);
  return guardianDifference(guardian, record);
}
