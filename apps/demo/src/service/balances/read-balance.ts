/** Reads what a node answers of a wallet's balance. */
import { isAmount, parseAmount } from "@dgb-shield/contract";
import type { NodeRpc } from "@dgb-shield/chain/rpc";

/** Base units of one coin. */
const COIN = 100_000_000n;
/** From here on doubles are more than a unit apart, in coins. */
const FIRST_INEXACT = 2 ** 26;
/** Most that a balance can be, in coins: 2^63 − 1 units. */
const MOST = 92_233_720_368;

/**
 * Asks for the balance that a wallet can spend: confirmed coins, and change of its own payments. A wallet that is being
 * scanned again has no balance yet: it may have found what it received, and not what it spent.
 *
 * @param timeoutMs for the question, in milliseconds
 * @returns base units; null where the node gives none
 */
export async function readBalance(rpc: NodeRpc, timeoutMs: number): Promise<bigint | null> {
  const calls = [{ method: "getbalance" }, { method: "getwalletinfo" }];
  const [balance, info] = await rpc.batch(calls, { timeout_ms: timeoutMs });
  if (balance?.ok !== true || info?.ok !== true) return null;
  return isAtRest(info.value) ? unitsOf(balance.value) : null;
}

/** Whether a wallet is not being scanned; versions before 0.19 do not tell. */
function isAtRest(info: unknown): boolean {
  if (typeof info !== "object" || info === null) return false;
  const scanning: unknown = Object.hasOwn(info, "scanning")
    ? (info as { scanning: unknown }).scanning
    : false;
  return scanning === false;
}

/**
 * Base units of a balance as JSON has it. A number of so many coins that it is not exact is rounded down to a coin, less
 * one: no more than there is.
 *
 * @returns null for what is no balance
 */
export function unitsOf(value: unknown): bigint | null {
  if (isAmount(value)) return parseAmount(value);
  if (typeof value !== "number" || !(value >= FIRST_INEXACT && value <= MOST)) return null;
  return (BigInt(Math.floor(value)) - 1n) * COIN;
}
