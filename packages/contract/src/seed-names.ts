/** What the specifications name differently and is one thing: contract v3, DQSN v2, Wallet Guardian v2, QWG. */
import { frozen } from "./internal/frozen.js";
import type { Layer } from "./schemas/event.js";

/** The specifications, as the table names them. */
export const SEEDS = frozen([
  "contract_v3",
  "dqsn_v2",
  "wallet_guardian_v2",
  "qwg_technical_v2",
  "qwg_whitepaper_v2",
]);
export type Seed = (typeof SEEDS)[number];

/** One thing, the names that the specifications have for it, and the one name of each layer here. */
export type SeedName = Readonly<{
  /** What it is, with its unit where the seeds have another. */
  thing: string;
  /** Names in each specification that has one; its prose where that is all there is. */
  seeds: Readonly<Partial<Record<Seed, readonly string[]>>>;
  /**
   * The name at the boundary of each layer that has the thing. `contract` stands for the envelope,
   * reports and records that cross layers, `adaptive_bridge` for events; a dot leads into an object.
   */
  here: Readonly<Partial<Record<Layer | "contract" | "adaptive_bridge", string>>>;
}>;

const row = (thing: string, seeds: SeedName["seeds"], here: SeedName["here"]): SeedName =>
  Object.freeze({
    thing,
    seeds: Object.freeze(
      Object.fromEntries(
        Object.entries(seeds).map(([seed, names]) => [seed, Object.freeze([...names])]),
      ),
    ),
    here: Object.freeze({ ...here }),
  });

const qwg = (...names: string[]): SeedName["seeds"] => ({
  qwg_technical_v2: names,
  qwg_whitepaper_v2: names,
});

/**
 * The table of seed names. A name of a seed is used at that seed's boundary and nowhere else; whoever
 * carries a thing from one layer to another (the app) renames it as this table says.
 *
 * @example SEED_NAMES[0].here.quantum_wallet_guard // "tx_amount"
 */
export const SEED_NAMES: readonly [SeedName, ...SeedName[]] = Object.freeze([
  row(
    "what leaves the wallet, network fee included",
    { wallet_guardian_v2: ["amount"], ...qwg("tx_amount") },
    { wallet_guardian: "amount", quantum_wallet_guard: "tx_amount" },
  ),
  row(
    "which withdrawal it is, before it has a transaction",
    { qwg_technical_v2: ["tx_id"] },
    { contract: "withdrawal_id", wallet_guardian: "withdrawal_id", quantum_wallet_guard: "tx_id" },
  ),
  row(
    "which wallet pays",
    { qwg_technical_v2: ["wallet_fingerprint", "fingerprint"] },
    {
      contract: "wallet_id",
      wallet_guardian: "wallet_id",
      quantum_wallet_guard: "wallet_fingerprint",
      adaptive_bridge: "fingerprint",
    },
  ),
  row(
    "what was decided",
    {
      contract_v3: ["decision"],
      qwg_technical_v2: ["decision", "action"],
      qwg_whitepaper_v2: ["decision"],
    },
    {
      contract: "decision",
      dqsn: "decision",
      wallet_guardian: "decision",
      quantum_wallet_guard: "decision",
      adaptive_bridge: "action",
    },
  ),
  row(
    "why it was decided, as stable codes",
    {
      contract_v3: ["reason_codes"],
      wallet_guardian_v2: ["reason codes"],
      qwg_whitepaper_v2: ["reason"],
    },
    {
      contract: "reason_codes",
      dqsn: "reason_codes",
      wallet_guardian: "reason_codes",
      quantum_wallet_guard: "reason_id",
    },
  ),
  row(
    "how long to wait before asking again: milliseconds for Guardian, seconds for QWG",
    { qwg_whitepaper_v2: ["cooldown_seconds"] },
    { wallet_guardian: "retry_after_ms", quantum_wallet_guard: "cooldown_seconds" },
  ),
  row(
    "largest amount that would pass",
    { qwg_whitepaper_v2: ["suggested_limit"] },
    { wallet_guardian: "allowed_now", quantum_wallet_guard: "suggested_limit" },
  ),
  row(
    "how bad one observation is, 0–1",
    { contract_v3: ["risk"], dqsn_v2: ["severity"], qwg_technical_v2: ["severity"] },
    {
      contract: "risk.score",
      sentinel: "severity",
      dqsn: "severity",
      adn: "severity",
      adaptive_bridge: "severity",
    },
  ),
  row(
    "how bad the network is, 0–1",
    { dqsn_v2: ["score"], ...qwg("dqs_network_score") },
    { dqsn: "score", quantum_wallet_guard: "dqs_network_score" },
  ),
  row(
    "the network's advisory",
    { dqsn_v2: ["level"] },
    { dqsn: "level", quantum_wallet_guard: "dqs_advisory" },
  ),
  row("the level that Sentinel sees", qwg("sentinel_level"), {
    sentinel: "level",
    quantum_wallet_guard: "sentinel_level",
  }),
  row("the level that ADN sees", qwg("adn_level"), {
    adn: "level",
    quantum_wallet_guard: "adn_level",
  }),
  row(
    "the risk that Wallet Guardian is told",
    { wallet_guardian_v2: ["risk"] },
    { contract: "guardian_risk", wallet_guardian: "risk" },
  ),
  row(
    "who speaks",
    { contract_v3: ["component"], dqsn_v2: ["source"] },
    { contract: "component", dqsn: "source", adn: "source", adaptive_bridge: "layer" },
  ),
  row(
    "Wallet Guardian, as the one who speaks",
    { wallet_guardian_v2: ["dgb_wallet_guardian"] },
    { contract: "wallet_guardian", dqsn: "wallet_guard", wallet_guardian: "wallet_guardian" },
  ),
  row(
    "Quantum Wallet Guard, as the one who speaks",
    { qwg_technical_v2: ["qwg"] },
    {
      contract: "quantum_wallet_guard",
      quantum_wallet_guard: "quantum_wallet_guard",
    },
  ),
  row(
    "what kind of anomaly it is",
    { dqsn_v2: ["type"] },
    { sentinel: "detector", dqsn: "type", adn: "type" },
  ),
  row(
    "when the evidence was taken: milliseconds since 1970, a datetime in the seed",
    { qwg_whitepaper_v2: ["created_at"] },
    {
      sentinel: "observed_at_ms",
      dqsn: "observed_at",
      adn: "observed_at_ms",
      quantum_wallet_guard: "created_at",
    },
  ),
  row(
    "largest single withdrawal",
    { wallet_guardian_v2: ["MAX_WITHDRAWAL_PER_TX"] },
    { wallet_guardian: "max_per_tx" },
  ),
  row(
    "most that may leave in 24 hours",
    { wallet_guardian_v2: ["MAX_WITHDRAWAL_24H"] },
    { wallet_guardian: "max_24h" },
  ),
  row(
    "least time between two withdrawals: seconds, minutes in the seed",
    { wallet_guardian_v2: ["COOLDOWN_MINUTES"] },
    { wallet_guardian: "cooldown_seconds" },
  ),
]);
