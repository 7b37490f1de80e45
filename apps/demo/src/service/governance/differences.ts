/** Compares two configurations: whatever is not provably tighter loosens (design, section 10). */
import { type JsonObject, type JsonValue, parseAmount, pointer } from "@dgb-shield/contract";

/** One place in which two configurations differ. */
export type Difference = Readonly<{
  /** JSON Pointer. */
  path: string;
  from: JsonValue | undefined;
  to: JsonValue | undefined;
  /** Whether no decision can become milder by it. */
  tighter: boolean;
}>;

/** Proves that a value is tighter than another one. */
type Proof = (from: JsonValue, to: JsonValue) => boolean;

const isNumber = (value: JsonValue): value is number => typeof value === "number";
const raised: Proof = (from, to) => isNumber(from) && isNumber(to) && to > from;
const lowered: Proof = (from, to) => isNumber(from) && isNumber(to) && to < from;
const lessCoins: Proof = (from, to) => {
  if (to === null) return false;
  return from === null || unitsOf(to) < unitsOf(from);
};
const unitsOf = (value: JsonValue): bigint => parseAmount(typeof value === "string" ? value : "");
const becomes =
  (order: readonly JsonValue[]): Proof =>
  (from, to) =>
    order.includes(from) && order.indexOf(to) > order.indexOf(from);
const longerWait: Proof = (from, to) => (from === null ? isNumber(to) : raised(from, to));
const has = (list: JsonValue, item: JsonValue): boolean =>
  Array.isArray(list) && list.some((one) => JSON.stringify(one) === JSON.stringify(item));
const superset: Proof = (from, to) =>
  Array.isArray(from) && Array.isArray(to) && from.every((item) => has(to, item));
const subset: Proof = (from, to) =>
  Array.isArray(to) && (from === null || to.every((item) => has(from, item)));

const LIMITS = {
  max_per_tx: lessCoins,
  max_24h: lessCoins,
  windows: superset,
  cooldown_seconds: raised,
};

/** Fields of a Guardian's policy, by pattern of their place; every other difference loosens. */
const GUARDIAN: Readonly<Record<string, Proof>> = {
  ...LIMITS,
  ...Object.fromEntries(
    ["account", "wallet", "global"].flatMap((scope): [string, Proof][] => [
      [`limits/${scope}`, (from) => from === null],
      ...Object.entries(LIMITS).map(([name, proof]): [string, Proof] => [
        `limits/${scope}/${name}`,
        proof,
      ]),
    ]),
  ),
  max_fee: lessCoins,
  max_fee_ratio: lessCoins,
  allow_destinations: subset,
  deny_destinations: superset,
  new_destination_seconds: longerWait,
  new_destination_free: lessCoins,
  destination_lookalikes: becomes([false, true]),
  high_risk_freeze: becomes([false, true]),
  release_freeze_at_low: becomes(["all", "risk", "none"]),
  lift_after_low_seconds: raised,
  freeze_seconds: (from, to) => from !== null && (to === null || raised(from, to)),
};

/** Fields of the guard's policy. */
const GUARD: Readonly<Record<string, Proof>> = {
  max_tx_ratio_normal: lessCoins,
  max_tx_ratio_high: lessCoins,
  threshold_extra_auth: lessCoins,
  required_approvals: raised,
  max_allowed_risk: becomes(["critical", "high", "elevated", "normal"]),
};

const below = (prefix: string, rules: Readonly<Record<string, Proof>>) =>
  Object.entries(rules).map(([name, proof]) => [`${prefix}/${name}`, proof] as const);

/** Every place at which a difference can be proven to be tighter; `*` stands for one name. */
const PROOFS: readonly (readonly [string, Proof])[] = [
  ["mode", becomes(["observe", "enforce"])],
  ["wallets/*", becomes(["observe", "enforce"])],
  ["unknown_network", becomes(["elevated", "refuse"])],
  ["min_fresh_nodes", raised],
  ["approvers", subset],
  ["governance/approvals", raised],
  ["governance/loosen_delay_seconds", raised],
  ["governance/release_delay_seconds", raised],
  ["governance/proposal_valid_seconds", lowered],
  ...below("guardian", GUARDIAN),
  ...below("wallet_policies/*", GUARDIAN),
  ...below("guard", GUARD),
].map(([pattern, proof]) => [`/${pattern as string}`, proof as Proof] as const);

/** Lists where two configurations differ; none where they are the same. */
export const differencesOf = (from: JsonObject, to: JsonObject): readonly Difference[] =>
  differ(from, to, []);

function differ(
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  path: readonly string[],
): Difference[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  const isInside = isObject(from) && isObject(to);
  if (isInside) {
    const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
    return names.flatMap((name) => differ(own(from, name), own(to, name), [...path, name]));
  }
  return [{ path: pointer([...path]), from, to, tighter: isTighter(path, from, to) }];
}

function isTighter(
  path: readonly string[],
  from: JsonValue | undefined,
  to: JsonValue | undefined,
): boolean {
  // What was not there, or is no longer, has a meaning that no rule here knows.
  if (from === undefined || to === undefined) return false;
  try {
    return proofFor(path)?.(from, to) === true;
  } catch {
    return false;
  }
}

function proofFor(path: readonly string[]): Proof | undefined {
  const place = path.map((name, at) => (at === 1 && isNamed(path[0]) ? "*" : name)).join("/");
  return PROOFS.find(([pattern]) => pattern === `/${place}`)?.[1];
}

const isNamed = (section: string | undefined): boolean =>
  section === "wallets" || section === "wallet_policies";

const own = (value: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Characters of a value in a text at most. */
const MAX_SHOWN = 120;
/** Items of a list that are named at most. */
const MAX_ITEMS = 20;
/** Differences that are named at most, and characters of all: more is read by no one, and kept with every proposal. */
const MAX_LINES = 100;
const MAX_CHARS = 32_000;
/** Characters of a place at most: names in it are the proposer's. */
const MAX_PATH = 200;

/** Names the differences for a person, those that loosen first. */
export function differenceLines(differences: readonly Difference[]): string[] {
  const ordered = differences.toSorted((a, b) => Number(a.tighter) - Number(b.tighter));
  const lines: string[] = [];
  let room = MAX_CHARS;
  for (const { path, from, to, tighter } of ordered.slice(0, MAX_LINES)) {
    const kind = tighter ? "tighter" : "loosens";
    const line = `${cut(path, MAX_PATH)}: ${changed(from, to)} (${kind})`;
    room -= line.length;
    if (room < 0) break;
    lines.push(line.replaceAll(/\p{C}/gu, "?"));
  }
  const rest = differences.length - lines.length;
  return rest > 0 ? [...lines, `and ${rest} more`] : lines;
}

/** Of two lists what one has and the other has not: their beginnings may be the same, and long. */
function changed(from: JsonValue | undefined, to: JsonValue | undefined): string {
  if (!isList(from) || !isList(to)) return `${shown(from)} → ${shown(to)}`;
  const items = [
    ...from.filter((item) => !has(to, item)).map((item) => `−${shown(item)}`),
    ...to.filter((item) => !has(from, item)).map((item) => `+${shown(item)}`),
  ];
  const rest = items.length - MAX_ITEMS;
  const named = [...items.slice(0, MAX_ITEMS), ...(rest > 0 ? [`and ${rest} more`] : [])];
  return `${from.length} → ${to.length} items: ${named.join(", ") || "another order"}`;
}

const isList = (value: JsonValue | undefined): value is JsonValue[] => Array.isArray(value);

/** A salted hash of a password, of which the beginning of the salt is shown: another password has another one. */
const PASSWORD = /"([0-9a-f]{8})[0-9a-f]{24}:[0-9a-f]{64}"/g;

const shown = (value: JsonValue | undefined): string => {
  const text = value === undefined ? "absent" : JSON.stringify(value).replace(PASSWORD, '"$1…"');
  return cut(text, MAX_SHOWN);
};

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;
