/**
 * Contract v3 evaluation by the letter of design section 4.1 and by nothing that is fast: the schema
 * judges envelopes, and canonical form is written from the values. What the package answers must be the
 * same, byte for byte.
 */
import {
  canonicalHash,
  canonicalize,
  ContractError,
  type Envelope,
  envelopeSchema,
  idSchema,
  type JsonObject,
  type JsonValue,
  firstErrorPath,
  parseStrictJson,
  sha256Hex,
  utf8Length,
} from "@dgb-shield/contract";
import type { DqsnConfig } from "../src/evaluate/config.js";

const SCORES = ["ALLOW", "WARN", "BLOCK"] as const;
const TIERS = ["LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;
const FIRST_CODE = { ALLOW: "DQSN_OK_ALLOW", WARN: "DQSN_WARN", BLOCK: "DQSN_BLOCK" };
const CODES: Partial<Record<string, string>> = {
  payload_too_large: "PAYLOAD_TOO_LARGE",
  depth_exceeded: "DEPTH_EXCEEDED",
  duplicate_key: "DUPLICATE_KEY",
  bad_number: "BAD_NUMBER",
};

class Refused extends Error {
  readonly reason: string;
  readonly path: string;

  constructor(reason: string, path: string) {
    super(reason);
    this.reason = reason;
    this.path = path;
  }
}

/** The response that a text must be given. */
export function referenceEvaluation(config: DqsnConfig, input: string | Uint8Array): JsonObject {
  const settings: DqsnConfig = {
    invalid_signal_policy: "reject_request",
    forward: "full",
    ...config,
  };
  const fingerprint = canonicalHash(settings);
  let requestId = "unknown";
  try {
    const request = parse(input);
    if (isObject(request)) requestId = idSchema.safeParse(request["request_id"]).data ?? requestId;
    return answer(settings, fingerprint, request);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const code = `DQSN_ERROR_${error.reason}`;
    const output = {
      decision: "ERROR",
      risk: { score: 1, tier: "CRITICAL" },
      reason_codes: [code],
    };
    const said = { code, path: shortened(error.path) };
    const context_hash = hashOf(fingerprint, [], { ...output, error: said });
    const evidence = { config_fingerprint: fingerprint, error: said };
    return envelopeOf({ request_id: requestId, context_hash, ...output, evidence });
  }
}

function answer(settings: DqsnConfig, fingerprint: string, request: JsonValue): JsonObject {
  const { request_id, signals, constraints } = checked(request);
  const valid: Envelope[] = [];
  let first: Refused | undefined;
  signals.forEach((signal, index) => {
    const refused = offenceOf(signal, index, settings);
    if (refused === undefined) valid.push(signal as unknown as Envelope);
    first ??= refused;
  });
  if (
    first !== undefined &&
    (settings.invalid_signal_policy !== "count_as_block" || !valid.length)
  ) {
    throw first;
  }
  for (const signal of valid) within(() => canonicalize(signal));

  const unique: Envelope[] = [];
  for (const signal of valid) {
    const twin = unique.findIndex(
      (other) => other.component === signal.component && other.context_hash === signal.context_hash,
    );
    if (twin < 0) unique.push(signal);
    else if (signal.request_id < unique[twin]!.request_id) unique[twin] = signal;
    const contents = valid.filter(
      (other) => other.component === signal.component && other.context_hash === signal.context_hash,
    );
    const distinct = new Set(contents.map((each) => canonicalize({ ...each, request_id: null })));
    if (distinct.size > 1) throw new Refused("SIGNAL_CONFLICT", "/signals");
  }
  const place = ({ component, context_hash }: Envelope) => `${component} ${context_hash}`;
  unique.sort((a, b) => (place(a) < place(b) ? -1 : 1));

  if (
    typeof constraints["min_signals"] === "number" &&
    unique.length < constraints["min_signals"]
  ) {
    throw new Refused("CONSTRAINT_UNMET", "/constraints/min_signals");
  }
  ((constraints["required_components"] ?? []) as string[]).forEach((name, index) => {
    if (unique.some(({ component }) => component === name)) return;
    throw new Refused("CONSTRAINT_UNMET", `/constraints/required_components/${index}`);
  });

  const upstream = [...new Set(unique.flatMap(({ reason_codes }) => reason_codes))].sort();
  if (upstream.length > 1_023) throw new Refused("RESPONSE_TOO_LARGE", "/signals");
  const worst = Math.max(
    first === undefined ? 0 : 2,
    ...unique.map(({ decision }) => (decision === "ERROR" ? 2 : SCORES.indexOf(decision))),
  );
  const decision = SCORES[worst]!;
  const output = {
    decision,
    risk: {
      score: Math.max(0, ...unique.map(({ risk }) => risk.score)),
      tier: TIERS[Math.max(...unique.map(({ risk }) => TIERS.indexOf(risk.tier)))]!,
    },
    reason_codes: [FIRST_CODE[decision], ...upstream],
  };
  const dedup = { input_signals: signals.length, unique_signals: unique.length };
  const context_hash = hashOf(fingerprint, unique, { ...output, dedup });
  const listed = unique as unknown as JsonValue;
  const response = (forward: string, carried: JsonValue) =>
    envelopeOf({
      request_id,
      context_hash,
      ...output,
      evidence: { dedup, config_fingerprint: fingerprint, forward, signals: carried },
    });
  const full = response("full", listed);
  if (settings.forward !== "digest" && depth(full) <= 30 && bytes(full) <= 500_000) return full;
  const sha256 = sha256Hex(`[${unique.map((each) => canonicalize(each)).join(",")}]`);
  return response("digest", { count: unique.length, sha256 });
}

type Checked = { request_id: string; signals: JsonValue[]; constraints: JsonObject };

function checked(request: JsonValue): Checked {
  if (!isObject(request)) throw new Refused("INVALID_REQUEST", "");
  if (request["contract_version"] !== 3) throw new Refused("SCHEMA_VERSION", "/contract_version");
  const known = ["contract_version", "component", "request_id", "signals", "constraints"];
  const unknown = Object.keys(request).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    throw new Refused("UNKNOWN_TOP_LEVEL_KEY", `/${escaped(unknown.sort()[0]!)}`);
  }
  const { request_id, signals } = request;
  const wrong = (path: string): never => {
    throw new Refused("INVALID_REQUEST", path);
  };
  if (!idSchema.safeParse(request_id).success) wrong("/request_id");
  if (!Array.isArray(signals)) return wrong("/signals");
  const constraints = request["constraints"] ?? {};
  if (request["constraints"] === null || !isObject(constraints)) return wrong("/constraints");
  const { fail_closed, required_components: names, min_signals: least, ...rest } = constraints;
  if (fail_closed !== undefined && fail_closed !== true) wrong("/constraints/fail_closed");
  if (names !== undefined) {
    if (!Array.isArray(names)) return wrong("/constraints/required_components");
    const odd = names.findIndex((name) => typeof name !== "string");
    if (odd >= 0) wrong(`/constraints/required_components/${odd}`);
  }
  if (least !== undefined && !(Number.isInteger(least) && (least as number) >= 0)) {
    wrong("/constraints/min_signals");
  }
  const other = Object.keys(rest).sort()[0];
  if (other !== undefined) wrong(`/constraints/${escaped(other)}`);
  if (request["component"] !== "dqsn") wrong("/component");
  if (signals.length === 0) throw new Refused("NO_SIGNALS", "/signals");
  if (signals.length > 64) throw new Refused("SIGNAL_TOO_MANY", "/signals");
  return { request_id: request_id as string, signals, constraints };
}

function offenceOf(signal: JsonValue, index: number, config: DqsnConfig): Refused | undefined {
  const { success, error, data } = envelopeSchema.safeParse(signal);
  const path = `/signals/${index}`;
  if (!success) return new Refused("SIGNAL_INVALID", `${path}${firstErrorPath(error)}`);
  const isAllowed = config.allowed_components?.includes(data.component) ?? true;
  return isAllowed ? undefined : new Refused("SIGNAL_INVALID", `${path}/component`);
}

const parse = (input: string | Uint8Array): JsonValue => within(() => parseStrictJson(input));

function within<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    throw new Refused(CODES[error.code] ?? "INVALID_REQUEST", error.path);
  }
}

/** Put together from parts, because it may be larger than a payload. */
function hashOf(fingerprint: string, signals: readonly Envelope[], output: JsonObject): string {
  const list = signals.map((signal) => canonicalize(signal)).join(",");
  return sha256Hex(
    `{"component":"dqsn","config_fingerprint":"${fingerprint}","contract_version":3,` +
      `"output":${canonicalize(output)},"signals":[${list}]}`,
  );
}

const envelopeOf = (said: JsonObject): JsonObject => ({
  contract_version: 3,
  component: "dqsn",
  ...said,
  meta: { fail_closed: true },
});

/** `path` up to the last part that 256 printable ASCII characters can name. */
function shortened(path: string): string {
  const parts = path.split("/");
  for (let length = parts.length; length > 1; length--) {
    const short = parts.slice(0, length).join("/");
    if (short.length <= 256 && /^[ -~]*$/.test(short)) return short;
  }
  return "";
}

const escaped = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const depth = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depth))
    : 0;

/** A response's canonical bytes; one that is larger than a payload is larger than any bound here. */
function bytes(response: JsonObject): number {
  try {
    return utf8Length(canonicalize(response));
  } catch (error) {
    if (error instanceof ContractError && error.code === "payload_too_large") return Infinity;
    throw error;
  }
}
