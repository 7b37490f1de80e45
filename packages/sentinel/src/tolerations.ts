/** Orders to tolerate a retired algorithm, as the state keeps them, and what follows from them. */
import {
  heightSchema,
  idSchema,
  type SentinelReport,
  timeMsSchema,
  wordSchema,
} from "@dgb-shield/contract";
import type { ChainParameters } from "@dgb-shield/chain";
import { z } from "zod";

/** Most orders that are kept: the latest, and each that lasts. */
export const MAX_TOLERATIONS = 32;

/** Why an operator gives an order. */
export const reasonSchema = z.string().min(1).max(512);

/** A recorded order; `ended` is by whose order it ended before its height, null while it has not. */
export const tolerationSchema = z.strictObject({
  algorithm: wordSchema,
  /** Tip at the time of the order. */
  from_height: heightSchema,
  until_height: heightSchema,
  operator: idSchema,
  reason: reasonSchema,
  since_ms: timeMsSchema,
  ended: z
    .strictObject({ operator: idSchema, reason: reasonSchema, at_ms: timeMsSchema })
    .nullable(),
});
/** An operator's recorded order to tolerate an algorithm. */
export type Toleration = z.infer<typeof tolerationSchema>;

/** The orders that a report names; absent where none lasts. */
export function toleratedOf(
  tolerations: readonly Toleration[],
  height: number,
): Pick<SentinelReport, "tolerated"> {
  if (tolerations.length === 0) return {};
  const lasts = lasting(tolerations, height);
  if (lasts.length === 0) return {};
  return { tolerated: lasts.map(reported) };
}

const reported = ({
  algorithm,
  from_height,
  until_height,
  operator,
  reason,
  since_ms,
}: Toleration): NonNullable<SentinelReport["tolerated"]>[number] => ({
  algorithm,
  from_height,
  until_height,
  operator,
  reason,
  since_ms,
});

/** Chains under orders, by the orders and the chain that they were made of. */
const chains = new WeakMap<readonly Toleration[], WeakMap<ChainParameters, ChainParameters>>();

/** The chain with tolerated algorithms active up to their heights. */
export function underOrders(
  given: ChainParameters,
  tolerations: readonly Toleration[],
): ChainParameters {
  if (tolerations.length === 0) return given;
  const known = chains.get(tolerations) ?? new WeakMap<ChainParameters, ChainParameters>();
  const chain = known.get(given) ?? chainUnder(given, tolerations);
  known.set(given, chain);
  chains.set(tolerations, known);
  return chain;
}

function chainUnder(chain: ChainParameters, tolerations: readonly Toleration[]): ChainParameters {
  const algorithms = chain.algorithms.map((one) => {
    const order = tolerations.find(
      ({ algorithm, ended }) => ended === null && algorithm === one.name,
    );
    if (order === undefined || one.retired_at === null) return one;
    return { ...one, retired_at: Math.max(one.retired_at, order.until_height + 1) };
  });
  return { ...chain, algorithms };
}

/** Orders that last at a height. */
export const lasting = (tolerations: readonly Toleration[], height: number): Toleration[] =>
  tolerations.filter(({ ended, until_height }) => ended === null && until_height >= height);

/** Orders after the one on an algorithm has ended. */
export const endedAt = (
  tolerations: readonly Toleration[],
  algorithm: string,
  ended: NonNullable<Toleration["ended"]>,
): Toleration[] =>
  tolerations.map((one) =>
    one.algorithm === algorithm && one.ended === null ? { ...one, ended } : one,
  );
