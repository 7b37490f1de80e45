/** Stretches of a chain over which the same algorithms are active. */
import { type ChainParameters, isActiveAt } from "@dgb-shield/chain";

/** Heights `from` to below `until`, and the active algorithms there in the order of the chain's table. */
export type Era = Readonly<{
  from: number;
  until: number;
  names: readonly string[];
  bits: readonly number[];
}>;

/** Eras computed so far, by the table that they follow from: a chain has a handful. */
const eras = new WeakMap<ChainParameters["algorithms"], Era[]>();

/** The era that a height is in. */
export function eraOf({ algorithms }: ChainParameters, height: number): Era {
  const known = eras.get(algorithms) ?? [];
  const found = known.find(({ from, until }) => height >= from && height < until);
  if (found !== undefined) return found;
  const era = makeEra(algorithms, height);
  eras.set(algorithms, [...known, era]);
  return era;
}

function makeEra(algorithms: ChainParameters["algorithms"], height: number): Era {
  const changes = algorithms.flatMap(({ active_from, retired_at }) => [
    active_from,
    retired_at ?? Infinity,
  ]);
  const active = algorithms.filter((algorithm) => isActiveAt(algorithm, height));
  return {
    from: Math.max(0, ...changes.filter((change) => change <= height)),
    until: Math.min(Infinity, ...changes.filter((change) => change > height)),
    names: active.map(({ name }) => name),
    bits: active.map(({ bits }) => bits),
  };
}
