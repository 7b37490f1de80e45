/** The replayed state of a ledger: plain lists and maps, summed anew each time. */
import type { AskedPayment, Payout as AskedPayout } from "../clients/world.js";
import type { FrozenRow as Freeze, Row } from "../check.js";
import { contentHash, type Level, type Rules, units } from "./rules.js";

/** A payout of a payment. */
export type Payout = Readonly<{
  id: string;
  account: string | null;
  amount: bigint;
  content: string;
  destinations: readonly string[];
}>;

/** A permission to sign. */
export type Claim = Readonly<{
  signer: string | null;
  until: number;
  inputs: readonly string[] | null;
}>;

/** A transaction that paid. */
export type Commit = Readonly<{
  txid: string;
  inputs: readonly string[] | null;
  isDouble: boolean;
}>;

/** The state of a payment beside its rows. */
type State = Readonly<{
  answer: Readonly<{ risk: Level; version: string; until: number; decidedAt: number }> | null;
  claims: readonly Claim[];
  commits: readonly Commit[];
  payouts: readonly Payout[] | null;
  maxFee: bigint | null;
  lapses: number;
  waitUntil: number;
}>;

/** All of it. */
export type Book = Readonly<{
  rows: Map<string, Row>;
  states: Map<string, State>;
  /** Rows that count, by scope. */
  counting: Map<string, Map<string, Row>>;
  attempts: Map<string, number[]>;
  /** The last ALLOW of each payment, by scope. */
  allows: Map<string, Map<string, number>>;
  accountFreezes: { wallet: string; at: number }[];
  times: Map<string, number>;
  /** The current version of each policy's name. */
  current: Map<string, string>;
  /** Decisions by the version before it that may still be recorded, by that version. */
  underWay: Map<string, number>;
  policies: Map<string, Rules>;
}> & { freezes: readonly Freeze[] };

/** Makes an empty book. */
export const newBook = (): Book => ({
  rows: new Map(),
  states: new Map(),
  counting: new Map(),
  attempts: new Map(),
  allows: new Map(),
  accountFreezes: [],
  times: new Map(),
  current: new Map(),
  underWay: new Map(),
  policies: new Map(),
  freezes: [],
});

/** Makes a version the current one of its name, while so many calls by the version before it are under way. */
export function makeCurrent(book: Book, name: string, version: string, underWay: number): void {
  const before = book.current.get(name);
  if (before !== undefined && before !== version) book.underWay.set(before, underWay);
  book.current.set(name, version);
}

/** Whether a decision by a version may stand in the log: it is the current one, or was when the call began. */
export function mayDecide(book: Book, name: string, version: string): boolean {
  if (book.current.get(name) === version) return true;
  const left = book.underWay.get(version) ?? 0;
  book.underWay.set(version, left - 1);
  return left > 0;
}

/** No history. */
const NO_STATE: State = {
  answer: null,
  claims: [],
  commits: [],
  payouts: null,
  maxFee: null,
  lapses: 0,
  waitUntil: 0,
};

/** The scopes of a row, as keys. */
const scopesOf = ({ account, wallet }: Pick<Row, "account" | "wallet">): string[] => [
  ...(account === null ? [] : [`account:${account}`]),
  `wallet:${wallet}`,
  "global",
];

/** A member of a map, made where it is missing. */
function member<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Writes a row. */
export function put(book: Book, row: Row): void {
  book.rows.set(row.id, row);
  for (const scope of scopesOf(row)) {
    const counting = member(book.counting, scope, () => new Map<string, Row>());
    if (row.counts === "nothing") counting.delete(row.id);
    else counting.set(row.id, row);
    if (row.allowedAt === null) continue;
    const allows = member(book.allows, scope, () => new Map<string, number>());
    allows.set(row.payment, Math.max(allows.get(row.payment) ?? 0, row.allowedAt));
  }
}

/** A payment: its rows, its payouts and its history. */
export type Payment = Readonly<{
  id: string;
  wallet: string;
  isBatch: boolean;
  amount: bigint;
  content: string;
  payouts: readonly Payout[];
  head: Row | null;
  state: State;
  rows: readonly (Row | null)[];
}>;

function payoutOf(payout: AskedPayout, wallet_id: string): Payout {
  const { withdrawal_id, account_id = null, amount, max_fee, destinations = [] } = payout;
  const fee = max_fee === undefined ? {} : { max_fee };
  const content = { withdrawal_id, wallet_id, account_id, amount, destinations, ...fee };
  return {
    id: withdrawal_id,
    account: account_id,
    amount: units(amount),
    content: contentHash(content),
    destinations: destinations.map(({ address }) => address),
  };
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, one) => sum + one, 0n);

/** The payment that a request stands for. */
export function askedPayment(book: Book, request: AskedPayment): Payment {
  const { wallet_id: wallet } = request;
  const isBatch = Object.hasOwn(request, "payouts");
  const asked = isBatch
    ? (request as Extract<AskedPayment, { payment_id: string }>).payouts
    : [request as AskedPayout];
  const payouts = asked.map((payout) => payoutOf(payout, wallet));
  const id = isBatch
    ? (request as Extract<AskedPayment, { payment_id: string }>).payment_id
    : (payouts[0]?.id ?? "");
  const hashes = payouts.map(({ content }) => content);
  const first = book.rows.get(id) ?? null;
  const head = first?.payment === id ? first : null;
  const fees = asked.flatMap(({ max_fee }) => (max_fee === undefined ? [] : [units(max_fee)]));
  const before = (head && book.states.get(id)) ?? NO_STATE;
  return {
    id,
    wallet,
    isBatch,
    amount: total(payouts.map(({ amount }) => amount)),
    content: isBatch
      ? contentHash({ payment_id: id, wallet_id: wallet, payouts: hashes })
      : (hashes[0] ?? ""),
    payouts,
    head,
    state: {
      ...before,
      payouts: isBatch ? payouts : null,
      maxFee: fees.length === 0 ? null : total(fees),
    },
    rows: isBatch ? payouts.map(({ id: one }) => book.rows.get(one) ?? null) : [first],
  };
}

/** A payment that is stored; null where no payment has the id. */
export function storedPayment(book: Book, id: string): Payment | null {
  const head = book.rows.get(id);
  if (head?.payment !== id) return null;
  const state = book.states.get(id) ?? NO_STATE;
  const { wallet, account, amount, content } = head;
  const payouts = state.payouts ?? [{ id, account, amount, content, destinations: [] }];
  const isBatch = state.payouts !== null;
  const rows = payouts.map((payout) => book.rows.get(payout.id) ?? null);
  return { id, wallet, isBatch, amount, content, payouts, head, state, rows };
}

/** How the rows of a payment change. */
type Change = Readonly<{
  status: string;
  /** `kept`: as before; `ended`: as before, but a reservation counts as nothing. */
  counts: string;
  at: number | null;
  allowedAt?: number;
  txid?: string;
  state: State;
}>;

/** Whether a payout belongs to another payment now. */
export const isElsewhere = ({ id, rows }: Payment, payout: string): boolean =>
  rows.some((row) => row?.id === payout && row.payment !== id);

/** Writes the rows of a payment; those of other payments only where they are taken over. */
export function change(
  book: Book,
  payment: Payment,
  given: Change & Readonly<{ takes?: true }>,
): void {
  const { id, wallet, isBatch, amount, content, head } = payment;
  const shared = {
    payment: id,
    wallet,
    status: given.status,
    allowedAt: given.allowedAt ?? head?.allowedAt ?? null,
    txid: given.txid ?? head?.txid ?? null,
  };
  const nothing = { counts: "nothing", at: null };
  if (isBatch) put(book, { id, account: null, amount, content, ...shared, ...nothing });
  payment.payouts.forEach(({ id: one, account, amount: part, content: hash }, index) => {
    if (given.takes !== true && isElsewhere(payment, one)) return;
    const counted = countedAs(payment.rows[index] ?? null, given);
    put(book, { id: one, account, amount: part, content: hash, ...shared, ...counted });
    if (one !== id) book.states.delete(one);
  });
  book.states.set(id, given.state);
}

function countedAs(before: Row | null, { counts, at }: Change): Pick<Row, "counts" | "at"> {
  if (counts !== "kept" && counts !== "ended") return { counts, at };
  if (before === null || (counts === "ended" && before.counts === "reserved")) {
    return { counts: "nothing", at: null };
  }
  return { counts: before.counts, at: before.at };
}

/** Until when a payment counts; null: it does not. */
export const countedUntil = ({ id, rows }: Payment): number | null =>
  rows.find((row) => row?.payment === id && row.at !== null)?.at ?? null;
