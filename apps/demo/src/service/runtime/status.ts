/** Answers "may I pay out now, and why (not)?" from the evidence and a probe of each wallet (design, section 10). */
import { type JsonObject, sha256Hex } from "@dgb-shield/contract";
import type { Decided, Overview } from "../../pipeline/index.js";
import { SCRIPT_PREFIX } from "../config/destinations.js";
import type { Mode } from "../config/schema.js";
import { modeOf, type ServiceConfig } from "../config/service-config.js";
import type { Remedy, ServiceState, ServiceStatus } from "../service.js";

/** What a wallet would get now. */
export type WalletProbe = Readonly<{ wallet_id: string; mode: Mode; decided: Decided }>;

/** Codes that hold for a new destination or this moment alone, and for no wallet as a whole. */
const PASSING: ReadonlySet<string> = new Set([
  "new_destination",
  "destination_lookalike",
  "destination_denied",
  "destination_unreadable",
  "cooldown_breach",
  "within_limits",
]);

const LEDGER_CODES: ReadonlySet<string> = new Set(["ledger_unavailable", "ledger_busy"]);

/** Vetoes that mean that what is known cannot be relied on. */
const BLIND: ReadonlySet<string> = new Set([
  "clock_untrusted",
  "state_unavailable",
  "own_node_stale",
]);

/** Whether a veto means that what is known cannot be relied on. */
export const isBlind = (veto: Overview["veto"]): boolean => veto !== null && BLIND.has(veto);

/** The hash of no key, as a witness program: a destination that decodes on every chain. */
const PROBE_SCRIPT = `0014${sha256Hex("status-probe").slice(0, 40)}`;

/** Makes the smallest payment that a policy can judge, to a destination that is known for as long as any. */
export function probeOf(walletId: string): JsonObject {
  const amount = "0.00000100";
  return {
    withdrawal_id: "status-probe",
    wallet_id: walletId,
    account_id: "status-probe",
    amount,
    max_fee: "0",
    destinations: [{ address: `${SCRIPT_PREFIX}${PROBE_SCRIPT}`, amount }],
    wallet_balance: "1000000",
    behaviour_score: 0,
    trusted_device: true,
    address_age_days: 36_500,
  };
}

type Cause = Readonly<{ code: string; text: string }>;
type Standing = Readonly<{ state: ServiceState; cause: Cause | null; remedies: readonly Remedy[] }>;

const OPEN: Standing = { state: "open", cause: null, remedies: [] };

/** What the service is at one moment; `since_ms` is left to the caller, which has the state before. */
export function statusOf(
  config: ServiceConfig,
  overview: Overview,
  probes: readonly WalletProbe[],
): Omit<ServiceStatus, "since_ms" | "awaiting_second_key"> {
  const wallets = probes.map((probe) => ({ probe, standing: standingOfWallet(probe) }));
  const ledger = probes.some(({ decided }) => hasLedgerCode(decided))
    ? blind("ledger_unavailable", "the ledger does not answer", [
        {
          role: "host",
          text: "check the ledger's disk or database; shield doctor names the fault",
        },
      ])
    : null;
  const held = wallets.filter(({ standing }) => standing.state !== "open");
  const standing =
    standingOfEvidence(overview) ?? ledger ?? restrictedBy(held, wallets.length) ?? OPEN;
  const { inputs, at_ms } = overview;
  const isObserving = probes.length === 0 ? config.mode === "observe" : probes.some(isObserved);
  return {
    ...standing,
    summary: summaryOf(standing, isObserving),
    as_of_ms: at_ms,
    observing: isObserving,
    evidence: config.recording === null ? "live" : "recording",
    chain: config.chain.name,
    deployment_id: config.deployment_id,
    wallets: wallets.map(({ probe, standing: own }) => ({
      wallet_id: probe.wallet_id,
      mode: probe.mode,
      state: own.state,
      cause: own.cause?.code ?? null,
    })),
    level: worstOf(inputs),
    lockdown: inputs.lockdown,
    sources: inputs.sources,
  };
}

/** Wallets that the configuration names, and those that were asked for lately. */
export const walletsToProbe = (
  { wallets, mode }: Pick<ServiceConfig, "wallets" | "mode">,
  seen: Iterable<string>,
): readonly Readonly<{ wallet_id: string; mode: Mode }>[] =>
  [...new Set([...wallets.keys(), ...seen])]
    .sort()
    .map((wallet_id) => ({ wallet_id, mode: modeOf({ wallets, mode }, wallet_id) }));

const isObserved = ({ mode }: WalletProbe): boolean => mode === "observe";

const hasLedgerCode = ({ record }: Decided): boolean =>
  record.guardian.reason_codes.some((code) => LEDGER_CODES.has(code));

function standingOfEvidence({ veto, inputs, defense, reports }: Overview): Standing | null {
  if (veto !== null && isBlind(veto)) return blindBy(veto);
  if (veto !== null) {
    return stopped(veto, "nothing is known of the network", [
      { role: "host", text: "set unknown_network: elevated where this site is the only reporter" },
    ]);
  }
  if (inputs.lockdown === "FULL" || inputs.guardian_risk === "HIGH") {
    const worst = worstOfEvents(defense.events);
    const finding = reports.flatMap(({ findings }) => findings)[0]?.summary;
    const text = worst?.summary ?? finding ?? defense.reason;
    return stopped(worst?.type ?? "high_risk", text, [
      {
        role: "operator",
        text: "find out what happened, then release the incident, unless it ends by itself",
      },
    ]);
  }
  return null;
}

/** The worst event; where this site found something itself, that, and not what the network's view makes of it. */
function worstOfEvents(events: Overview["defense"]["events"]) {
  const own = events.filter(({ source }) => source !== "dqsn");
  return (own.length > 0 ? own : events).toSorted((a, b) => b.severity - a.severity)[0];
}

const VETO_CAUSES: Readonly<Record<string, readonly [string, Remedy]>> = Object.freeze({
  clock_untrusted: [
    "the clock stepped, or gives no time",
    {
      role: "operator",
      text: "compare the clock with another one, then set it right, or accept it: the dashboard's button Accept the clock, or where changes are governed shield propose accept-clock",
    },
  ],
  state_unavailable: [
    "the state of layers 1 to 3 cannot be saved, or was not compared with the ledger",
    { role: "host", text: "check the disk of data_dir; a lost state is released as state_missing" },
  ],
  own_node_stale: [
    "too few own nodes have a fresh report",
    { role: "host", text: "check that the nodes run, are in sync and answer RPC" },
  ],
});

function blindBy(veto: string): Standing {
  const [text, remedy] = VETO_CAUSES[veto] ?? [
    veto,
    { role: "host", text: "see the log" } as const,
  ];
  return blind(veto, text, [remedy]);
}

const blind = (code: string, text: string, remedies: readonly Remedy[]): Standing => ({
  state: "blind",
  cause: { code, text },
  remedies,
});

const stopped = (code: string, text: string, remedies: readonly Remedy[]): Standing => ({
  ...blind(code, text, remedies),
  state: "stopped",
});

const BALANCE_UNAVAILABLE: Standing = {
  state: "restricted",
  cause: { code: "balance_unavailable", text: "no fresh node gives the wallet's balance" },
  remedies: [
    {
      role: "host",
      text: "check the node that node_wallet names, and that it has loaded the wallet",
    },
  ],
};

function standingOfWallet({ decided }: WalletProbe): Standing {
  const { record } = decided;
  const { guardian, result } = record;
  if (record.veto === "balance_unavailable") return BALANCE_UNAVAILABLE;
  const codes = guardian.reason_codes.filter((code) => !PASSING.has(code));
  const [code] = codes;
  if (code !== undefined && guardian.decision !== "ALLOW") {
    return {
      state: "restricted",
      cause: { code, text: `the Guardian answers ${guardian.decision}` },
      remedies: [{ role: "operator", text: "see the wallet's freezes and limits" }],
    };
  }
  // The probe's destination is new to every ledger, and all other rules have passed.
  const isOfDestination = result.reason_id === "QWG_NEW_ADDRESS";
  const isHeld = guardian.decision === "ALLOW" && result.decision !== "allow" && !isOfDestination;
  if (!isHeld) return OPEN;
  return {
    state: "restricted",
    cause: { code: result.reason_id, text: result.reason },
    remedies: [],
  };
}

function restrictedBy(
  held: readonly Readonly<{ probe: WalletProbe; standing: Standing }>[],
  count: number,
): Standing | null {
  const [first] = held;
  if (first === undefined) return null;
  const names = held.slice(0, 5).map(({ probe }) => probe.wallet_id);
  const others = held.length > names.length ? ` and ${held.length - names.length} more` : "";
  const text = `${held.length} of ${count} wallets are held: ${names.join(", ")}${others}`;
  return { ...first.standing, cause: { code: first.standing.cause?.code ?? "held", text } };
}

const SENTENCES: Readonly<Record<ServiceState, string>> = Object.freeze({
  blind: "Do not pay out: what is known cannot be relied on",
  stopped: "Do not pay out",
  restricted: "Payments are decided, but some wallets are held",
  open: "Payments are decided by their own merits",
});

/** The name of a detector before what it found. */
const DETECTOR = /^[a-z][a-z0-9_]*(?=: )/;
const spaced = (name: string): string => name.replaceAll("_", " ");

function summaryOf({ state, cause }: Standing, observing: boolean): string {
  const why = cause === null ? "" : `: ${cause.text.replace(DETECTOR, spaced)}`;
  const mode = observing ? " (observing: refusals are recorded and hold nothing back)" : "";
  return `${SENTENCES[state]}${why}.${mode}`;
}

const ORDER = ["normal", "elevated", "high", "critical"] as const;

const worstOf = ({ sentinel_level, adn_level }: Overview["inputs"]) =>
  ORDER.indexOf(sentinel_level) > ORDER.indexOf(adn_level) ? sentinel_level : adn_level;
