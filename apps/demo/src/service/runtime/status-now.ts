/** Keeps the service's status: what it is, since when, and an event at each change. */
import type { Decider, Overview } from "../../pipeline/index.js";
import type { ServiceConfig } from "../config/service-config.js";
import type { Readiness, ServiceStatus } from "../service.js";
import type { EventLog } from "./events.js";
import type { GovernanceAccess } from "./governance.js";
import { probeOf, statusOf, walletsToProbe } from "./status.js";

/** Wallets that were asked for lately and are probed, at most. */
const MAX_SEEN = 64;
/** How long an answer is given again, in milliseconds: probes take the ledger's locks. */
const FRESH_MS = 250;
/** Name of the wallet that is probed where none is known. */
const NO_WALLET = "status-probe";

/** The status of one process. */
export type StatusNow = Readonly<{
  now(): Promise<ServiceStatus>;
  readiness(): Promise<Readiness>;
  /** Records that a wallet was asked for, so that it is probed too. */
  saw(walletId: string): void;
  close(): void;
}>;

/** Parts of the status. */
export type StatusParts = Readonly<{
  config: ServiceConfig;
  decider: Decider;
  events: EventLog;
  /** Receives what was seen at each look. */
  sampled: (status: ServiceStatus, overview: Overview) => void;
  governance: Pick<GovernanceAccess, "isAwaiting" | "check">;
}>;

/** Creates the status; it is looked at once a poll, so that a change is an event even where nothing asks. */
export function createStatus(parts: StatusParts): StatusNow {
  const { config, decider, events, sampled, governance } = parts;
  const seen = new Set<string>();
  let last: Readonly<{ key: string; since_ms: number }> | undefined;
  let answer: Readonly<{ at: number; status: Promise<ServiceStatus> }> | undefined;

  async function look(): Promise<ServiceStatus> {
    const wallets = walletsToProbe(config, seen);
    const probed = wallets.length === 0 ? [{ wallet_id: NO_WALLET, mode: config.mode }] : wallets;
    const probes = await Promise.all(
      probed.map(async ({ wallet_id, mode }) => ({
        ...{ wallet_id, mode },
        decided: await decider.simulateWithdrawal(probeOf(wallet_id)),
      })),
    );
    const overview = await decider.overview();
    const status = statusOf(config, overview, probes);
    const key = `${status.state} ${status.cause?.code ?? ""}`;
    if (last?.key !== key) {
      last = { key, since_ms: status.as_of_ms };
      const { state, summary } = status;
      events.add("status", { state, summary, code: status.cause?.code ?? null });
    }
    const named = status.wallets.filter(({ wallet_id }) => wallet_id !== NO_WALLET);
    const awaiting_second_key = governance.isAwaiting();
    const whole = { ...status, awaiting_second_key, wallets: named, since_ms: last.since_ms };
    sampled(whole, overview);
    return whole;
  }

  const now = (): Promise<ServiceStatus> => {
    const at = performance.now();
    if (answer === undefined || at - answer.at > FRESH_MS) answer = { at, status: look() };
    return answer.status;
  };
  const timer = setInterval(() => void now().catch(() => undefined), config.poll_ms);
  timer.unref();
  return Object.freeze({
    now,
    async readiness() {
      const { state, cause } = await now();
      const isBlind = state === "blind";
      const checks = [
        { name: "evidence", ok: !isBlind, detail: isBlind ? (cause?.text ?? "blind") : "current" },
        governance.check(),
      ];
      return { ready: !isBlind, checks };
    },
    saw(walletId) {
      seen.delete(walletId);
      seen.add(walletId);
      for (const oldest of seen) {
        if (seen.size <= MAX_SEEN) break;
        seen.delete(oldest);
      }
    },
    close: () => clearInterval(timer),
  } satisfies StatusNow);
}
