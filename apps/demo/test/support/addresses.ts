/** Addresses of a chain, as many as a test needs; no key of any of them is known. */
import type { ChainParameters } from "@dgb-shield/chain";
import { addressOf } from "@dgb-shield/chain/decode";
import { sha256Hex } from "@dgb-shield/contract";

/** The address of that number: a witness program of version 0 in its usual spelling. */
export function addressNo(chain: ChainParameters, number: number): string {
  const address = addressOf(chain, `0014${sha256Hex(`address ${number}`).slice(0, 40)}`);
  if (address === null) throw new Error(`${chain.name} has no addresses`);
  return address;
}
