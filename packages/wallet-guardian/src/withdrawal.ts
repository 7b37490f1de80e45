/** The withdrawal request: its schema, its strict reading and the hash of its content (Wallet Guardian v2, section 4.4). */
import {
  amountSchema,
  canonicalHash,
  canonicalize,
  ContractError,
  formatAmount,
  GUARDIAN_RISKS,
  type GuardianRisk,
  idSchema,
  offencePath,
  parseAmount,
  withoutPrototypes,
} from "@dgb-shield/contract";
import { z } from "zod";
import { BELOW_DESTINATIONS, explainIssue, explainMissing } from "./explain.js";
import { safeParse } from "./internal/parse.js";
import { boundedDetail, boundedPath } from "./internal/pointer.js";
import { has } from "./internal/own.js";

/** Destinations of one withdrawal at most. */
const MAX_DESTINATIONS = 1_000;

const positiveAmount = amountSchema.transform(parseAmount).refine((units) => units > 0n, {
  message: "not above zero",
});

/** Schema of a withdrawal request. */
export const withdrawalSchema = z
  .strictObject({
    /** Unique in the ledger, over all wallets. */
    withdrawal_id: idSchema,
    wallet_id: idSchema,
    /** Whose money it is; required where the policy limits accounts. */
    account_id: idSchema.optional(),
    /** What leaves, network fee included; change to own addresses is not counted. */
    amount: positiveAmount,
    /** Where it goes; together not more than `amount`. */
    destinations: z
      .array(z.strictObject({ address: idSchema, amount: positiveAmount }))
      .max(MAX_DESTINATIONS)
      .optional(),
  })
  .refine((request) => sum(ownDestinations(request)) <= request.amount, {
    path: ["amount"],
    message: BELOW_DESTINATIONS,
  });

/** The destinations that a request has itself. */
const ownDestinations = <T>(request: Readonly<{ destinations?: T[] | undefined }>): T[] =>
  (Object.hasOwn(request, "destinations") ? request.destinations : undefined) ?? [];

/** A withdrawal as a caller writes it. */
export type WithdrawalRequest = z.input<typeof withdrawalSchema>;

/** A withdrawal that was checked. */
export type Withdrawal = Readonly<{
  withdrawal_id: string;
  wallet_id: string;
  account_id: string | null;
  /** Base units. */
  amount: bigint;
  destinations: readonly Readonly<{ address: string; amount: bigint }>[];
  /** Hash of all of the above. */
  content_hash: string;
}>;

/** A request that can be decided. */
export type Request = Readonly<{ withdrawal: Withdrawal; risk: GuardianRisk }>;

/** A request that cannot, and what is known of it all the same. */
export type Malformed = Readonly<{
  codes: readonly ("invalid_withdrawal" | "invalid_risk")[];
  path: string;
  /** The rule, the kind of value, and what to do. */
  detail: string;
  withdrawal_id: string;
  wallet_id: string;
  risk: GuardianRisk | null;
}>;

/**
 * Reads a request without coercing or trimming anything.
 *
 * @param requireAccount whether a withdrawal without `account_id` would escape a limit
 * @returns the request, or what is wrong with it; never throws
 */
export function readRequest(
  withdrawal: unknown,
  risk: unknown,
  requireAccount: boolean,
): Request | Malformed {
  const read = readWithdrawalRequest(withdrawal, requireAccount);
  const known = isRisk(risk) ? risk : null;
  if (!has(read, "path") && known !== null) return { withdrawal: read.checked, risk: known };
  const faulty = has(read, "path");
  return {
    codes: [
      ...(faulty ? (["invalid_withdrawal"] as const) : []),
      ...(known === null ? (["invalid_risk"] as const) : []),
    ],
    path: faulty ? read.path : "/risk",
    detail: [...(faulty ? [read.detail] : []), ...(known === null ? [WRONG_RISK] : [])].join("; "),
    ...knownIds(read.given),
    risk: known,
  };
}

/** A plain copy of what was given, and what was read from it or the first offending field. */
type Reading = Readonly<{ given: unknown; checked: Withdrawal } | ({ given: unknown } & Offence)>;

/** What is wrong with a withdrawal. */
type Offence = { path: string; detail: string };

const WRONG_RISK = `/risk: none of the known levels; give ${GUARDIAN_RISKS.join(", ")}`;

/**
 * Reads a withdrawal without coercing or trimming anything.
 *
 * @param requireAccount whether a withdrawal without `account_id` would escape a limit
 * @returns what was read, or the path of the first offending field; never throws
 */
export function readWithdrawalRequest(withdrawal: unknown, requireAccount: boolean): Reading {
  const plain = plainCopy(withdrawal);
  if (has(plain, "path")) return { given: undefined, ...bounded(plain) };
  const read = readSafely(plain.value, requireAccount);
  return has(read, "path")
    ? { given: plain.value, ...bounded(read) }
    : { given: plain.value, checked: read };
}

/** Reads a plain value; what the schema's library throws is a refusal. */
function readSafely(value: unknown, requireAccount: boolean): Withdrawal | Offence {
  try {
    return readWithdrawal(value, requireAccount);
  } catch {
    return { path: "", detail: "the whole: cannot be read; give a plain object" };
  }
}

const bounded = ({ path, detail }: Offence): Offence => ({
  path: boundedPath(path),
  detail: boundedDetail(detail),
});

/** A copy free of accessors and proxies, so that what is checked is what is decided upon. */
function plainCopy(value: unknown): { value: unknown } | Offence {
  try {
    return { value: withoutPrototypes(JSON.parse(canonicalize(value)) as unknown) };
  } catch (error) {
    if (!(error instanceof ContractError)) {
      return { path: "", detail: "the whole: cannot be read; give a plain object" };
    }
    const detail = `${error.path === "" ? "the whole" : error.path}: ${error.code}; give plain JSON values of their own`;
    return { path: error.path, detail };
  }
}

function readWithdrawal(value: unknown, requireAccount: boolean): Withdrawal | Offence {
  const parsed = safeParse(withdrawalSchema, value);
  if (!parsed.success) {
    const path = offencePath(parsed.error);
    return { path, detail: explainIssue(parsed.error, path, value) };
  }
  const read = withoutPrototypes(parsed.data);
  const { withdrawal_id, wallet_id, amount, account_id = null, destinations = [] } = read;
  if (account_id === null && requireAccount) {
    return { path: "/account_id", detail: explainMissing("account_id") };
  }
  const content = { withdrawal_id, wallet_id, account_id, amount, destinations };
  return { ...content, content_hash: contentHash(content) };
}

function contentHash(content: Omit<Withdrawal, "content_hash">): string {
  return canonicalHash({
    ...content,
    amount: formatAmount(content.amount),
    destinations: content.destinations.map(({ address, amount }) => ({
      address,
      amount: formatAmount(amount),
    })),
  });
}

function knownIds(value: unknown): { withdrawal_id: string; wallet_id: string } {
  const fields = (typeof value === "object" ? value : null) as Record<string, unknown> | null;
  const known = (key: string): string => {
    try {
      const parsed = safeParse(idSchema, fields?.[key]);
      return parsed.success ? parsed.data : "";
    } catch {
      return "";
    }
  };
  return { withdrawal_id: known("withdrawal_id"), wallet_id: known("wallet_id") };
}

const isRisk = (risk: unknown): risk is GuardianRisk =>
  (GUARDIAN_RISKS as readonly unknown[]).includes(risk);

const sum = (items: readonly { amount: bigint }[]): bigint =>
  items.reduce((total, { amount }) => total + amount, 0n);
