import { describe, expect, it } from "vitest";
import { ed25519KeyOf, verifyEd25519 } from "../../../src/adapters/ed25519/index.js";

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

/** RFC 8032, section 7.1. */
const VECTORS = [
  {
    name: "TEST 1",
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    name: "TEST 2",
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
];

describe("ed25519KeyOf", () => {
  it.each(VECTORS)("gives key and signature of RFC 8032, $name", (vector) => {
    const key = ed25519KeyOf(hex(vector.seed));
    expect(key.publicKey).toEqual(hex(vector.publicKey));
    expect(key.sign(hex(vector.message))).toEqual(hex(vector.signature));
  });
});

describe("verifyEd25519", () => {
  it.each(VECTORS)("accepts $name, and not for another message", (vector) => {
    const [publicKey, signature] = [hex(vector.publicKey), hex(vector.signature)];
    expect(verifyEd25519(publicKey, hex(vector.message), signature)).toBe(true);
    expect(verifyEd25519(publicKey, hex("73"), signature)).toBe(false);
  });

  it.each([
    ["a short key", 31, 64],
    ["a short signature", 32, 63],
    ["a long signature", 32, 65],
  ])("refuses %s", (_, keyBytes, signatureBytes) => {
    const [key, signature] = [new Uint8Array(keyBytes), new Uint8Array(signatureBytes)];
    expect(verifyEd25519(key, hex("72"), signature)).toBe(false);
  });

  it("refuses a signature whose scalar is not reduced", () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const signature = hex(VECTORS[1]!.signature);
    const little = Buffer.from(signature.subarray(32)).reverse().toString("hex");
    const raised = (BigInt(`0x${little}`) + order).toString(16).padStart(64, "0");
    signature.set(Buffer.from(raised, "hex").reverse(), 32);
    expect(verifyEd25519(hex(VECTORS[1]!.publicKey), hex("72"), signature)).toBe(false);
  });
});
