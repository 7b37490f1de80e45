/** An extended key for tests of descriptors. */
import { createHash } from "node:crypto";
import { createBase58check } from "@scure/base";

/** BIP 32, test vector 1, m/0'. */
export const XPUB =
  "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw";

const base58Check = createBase58check((bytes: Uint8Array) =>
  createHash("sha256").update(bytes).digest(),
);

/** The same extended key with the version bytes of test networks. */
export function asTestKey(key: string): string {
  const bytes = base58Check.decode(key);
  bytes.set([0x04, 0x35, 0x87, 0xcf]);
  return base58Check.encode(bytes);
}

/** The extended key of test networks of a public key and a chain code, as of no parent. */
export function testKeyOf(key: Uint8Array, chainCode: Uint8Array): string {
  const head = [0x04, 0x35, 0x87, 0xcf, ...Array.from({ length: 9 }, () => 0)];
  return base58Check.encode(Uint8Array.of(...head, ...chainCode, ...key));
}
