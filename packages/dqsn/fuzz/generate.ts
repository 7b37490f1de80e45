/** Inputs for the fuzzer: requests that are valid or nearly so, written in many ways, and broken texts. */
import {
  canonicalize,
  createEnvelope,
  type JsonObject,
  type JsonValue,
} from "@dgb-shield/contract";
import type { Random } from "@dgb-shield/testkit/random";

const COMPONENTS = ["sentinel", "adn", "wallet_guardian", "dqsn"];
const DECISIONS = ["ALLOW", "ALLOW", "ALLOW", "WARN", "BLOCK", "ERROR"] as const;
const EVIDENCE: readonly JsonObject[] = [
  {},
  { height: 23_751_096, node_id: "node-1", score: 0.272331 },
  { findings: [{ detector: "block_stall", severity: 0.9, summary: "no block for 200 s" }] },
  { "10": 1, "9": 2, text: 'a "quoted"\n\\ué€😀', tiny: 1e-7, long: 0.30000000000000004 },
  { a: [[], {}, null, true, false, -1.5, ""], ":": ":" },
];

const signals = COMPONENTS.flatMap((component, i) =>
  DECISIONS.flatMap((decision, j) =>
    EVIDENCE.map((evidence, k) =>
      createEnvelope({
        component,
        request_id: `s-${k}`,
        decision,
        score: [0, 0.1, 0.4, 0.75, 1][(i + j + k) % 5] ?? 0,
        reason_codes: ["A_ONE", "B_TWO", "C_3"].slice(0, (i + j) % 4),
        evidence,
      }),
    ),
  ),
) as unknown as JsonObject[];

const mild = signals.filter(({ decision }) => decision === "ALLOW");

const KEYS = [
  "contract_version",
  "component",
  "request_id",
  "signals",
  "constraints",
  "decision",
  "context_hash",
  "risk",
  "evidence",
  "meta",
  "reason_codes",
  "fail_closed",
  "min_signals",
  "required_components",
  "score",
  "tier",
  "x",
  "constructor",
  "a/b~c",
  "ü",
];
const VALUES: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  1,
  2,
  3,
  -1,
  0.5,
  65,
  "",
  "3",
  "dqsn",
  "adn",
  "ALLOW",
  "BLOCK",
  "LOW",
  " r",
  "é😀",
  [],
  {},
  ["adn"],
  ["adn", 1],
  ["A_ONE", "Z_LAST"],
  { fail_closed: true },
  { fail_closed: true, min_signals: 1, required_components: ["sentinel"] },
  { min_signals: 2 },
  { min_signals: -1 },
  { required_components: ["nobody"] },
  { score: 1, tier: "LOW" },
];
const TOKENS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "null",
  "\\",
  "-",
  "1e400",
  "0.10",
  "e1",
  " ",
  "\u0000",
  "\\ud800",
  '"decision":"ALLOW",',
  '"__proto__":1,',
];

/** One input: a request's text, or its bytes. */
export function generate(random: Random): string | Uint8Array {
  const request = requestOf(random);
  for (let times = random.pick([0, 0, 0, 1, 2]); times > 0; times--) changePart(random, request);
  let text = written(random, request);
  for (let times = random.pick([0, 0, 0, 0, 1, 2]); times > 0; times--) text = broken(random, text);
  return random.oneIn(8) ? brokenBytes(random, new TextEncoder().encode(text)) : text;
}

function requestOf(random: Random): JsonObject {
  const length = random.oneIn(300) ? 62 + random.below(4) : random.below(5);
  const pool = random.oneIn(2) ? mild : signals;
  const picked = Array.from({ length }, () => copyOf(random.pick(pool)));
  if (length > 0 && random.oneIn(3)) picked.push(twin(random, random.pick(picked)));
  const request: JsonObject = {
    contract_version: 3,
    component: "dqsn",
    request_id: random.pick(["r-1", "r 2", "é"]),
    signals: picked,
  };
  if (random.oneIn(4)) request["constraints"] = copyOf(random.pick(VALUES.slice(-7)));
  return request;
}

/** The same signal under another name, or a forgery of it. */
function twin(random: Random, signal: JsonObject): JsonObject {
  const copy = copyOf(signal);
  if (random.oneIn(2)) copy["request_id"] = random.pick(["s-0", "s-10", "s-9", "ﬀ", "😀"]);
  if (random.oneIn(4)) copy["decision"] = "ALLOW";
  if (random.oneIn(8)) copy["evidence"] = copyOf(random.pick(EVIDENCE));
  return copy;
}

/** Changes, removes or adds a member somewhere. */
function changePart(random: Random, request: JsonObject): void {
  let target = request;
  for (let steps = random.below(5); steps > 0; steps--) {
    const inner = Object.values(target).filter(
      (value): value is JsonObject => typeof value === "object" && value !== null,
    );
    if (inner.length > 0) target = random.pick(inner);
  }
  const keys = Object.keys(target);
  const key = keys.length === 0 || random.oneIn(6) ? random.pick(KEYS) : random.pick(keys);
  if (Array.isArray(target))
    target.splice(random.below(keys.length + 1), random.below(2), copyOf(random.pick(VALUES)));
  else if (random.oneIn(4)) Reflect.deleteProperty(target, key);
  else target[key] = copyOf(random.pick(VALUES));
}

function written(random: Random, request: JsonObject): string {
  switch (random.below(5)) {
    case 0:
    case 1:
      return canonicalize(request);
    case 2:
      return JSON.stringify(request);
    case 3:
      return JSON.stringify(backwards(request), null, random.below(3));
    default:
      return canonicalize(request)
        .replace("0.75", random.pick(["0.750", "7.5e-1", "75E-2"]))
        .replace("sentinel", random.pick(["\\u0073entinel", "sentinel "]))
        .replace(":3,", random.pick([":3.0,", ":3e0,", ": 3,"]));
  }
}

function backwards(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, backwards(member)]),
  );
}

function broken(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + random.below(8));
  const insert = random.oneIn(3)
    ? text.slice(random.below(text.length + 1)).slice(0, random.below(80))
    : random.pick(TOKENS);
  return text.slice(0, at) + insert + text.slice(end);
}

function brokenBytes(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0 && random.oneIn(2)) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

/** A copy; several times as fast as structuredClone. */
const copyOf = <T extends JsonValue>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
