/** What a wallet of the configuration must have in common with the nodes. */
import type { Fault } from "./fault.js";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Refuses a wallet at a node that is none of the site's. */
export function nodeWalletFaults({
  wallets,
  nodes,
}: Readonly<Record<string, unknown>>): readonly Fault[] {
  if (!isObject(wallets)) return [];
  const list: readonly unknown[] = Array.isArray(nodes) ? nodes : [];
  const ids = list.map((node) => (isObject(node) ? node["node_id"] : undefined));
  return Object.entries(wallets).flatMap(([id, wallet]) => {
    const place = isObject(wallet) ? wallet["node_wallet"] : undefined;
    if (!isObject(place)) return [];
    const { node } = place;
    const isKnown = node === undefined ? ids.length > 0 : ids.includes(node);
    if (isKnown) return [];
    return [
      {
        path: ["wallets", id, "node_wallet", "node"],
        problem: "there is no such node to ask for the balance",
        remedy: "name one of nodes, or leave it out for the first",
      },
    ];
  });
}
