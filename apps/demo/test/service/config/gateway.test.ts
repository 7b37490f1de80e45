/** What a configuration may name as the site's own in front of the gateway's node. */
import { digibyteRegtest, litecoin } from "@dgb-shield/chain";
import { describe, expect, it } from "vitest";
import { addressNo } from "../../support/addresses.js";
import { readText, smallestText, wrongIn } from "../../support/service-config.js";

/** Of Bitcoin Core's documentation of descriptors; test networks share these version bytes. */
const TPUB =
  "tpubD6NzVbkrYhZ4XgiXtGrdW5XDAPFCL9h7we1vwNCpn8tGbBcgfVYjXyhWo4E1xkh56hjod1RhGjxbaTLV3X4FyWuejifB9jusQ46QzG87VKp";
const DESCRIPTOR = `wpkh(${TPUB}/1/*)#3ckzlgfl`;
const SECRET = "cVpF924EspNh8KjYsfhgY96mmxvT6DgdWiTYMtMjuM74hJaU5psW";

const client = {
  ...{ name: "payouts", role: "spender", wallets: ["hot"] },
  password_sha256: `${"0".repeat(32)}:${"0".repeat(64)}`,
};
const faultsOf = (proxy: object, chain: string = digibyteRegtest.name): string => {
  const gateway = { proxy: { clients: [client], ...proxy } };
  const text = smallestText(`gateway: ${JSON.stringify(gateway)}`);
  return wrongIn(readText(text.replace("litecoin_regtest", chain))).join("\n");
};
const own = (desc: string, range?: readonly number[]) => ({
  own: [{ wallet: "hot", descriptors: [{ desc, ...(range && { range }) }] }],
});

describe("own descriptors and destinations of the gateway", () => {
  it("are taken where they are of the chain", () => {
    expect(faultsOf(own(DESCRIPTOR, [0, 99]))).toBe("");
    const internal = [{ class: "cold", address: addressNo(digibyteRegtest, 1) }];
    expect(faultsOf({ internal })).toBe("");
  });

  it("are named with what to do where they are not, and no key is in the text", () => {
    const at = "/gateway/proxy/own/0/descriptors/0";
    expect(faultsOf(own(DESCRIPTOR), litecoin.name)).toMatch(
      new RegExp(`${at}\\b.*give the descriptor of this one`),
    );
    const secret = faultsOf(own(`wpkh(${SECRET})#aaaaaaaa`));
    expect(secret).toContain(at);
    expect(secret).not.toContain(SECRET);
    expect(faultsOf(own(`wpkh(${SECRET})`))).not.toContain(SECRET);
    expect(faultsOf(own(DESCRIPTOR.replace("#3", "#4")))).toContain("checksum is wrong");
    expect(faultsOf(own(DESCRIPTOR, [0, 20_000]))).toContain(`${at}/range`);
    expect(faultsOf({ own: [{ ...own(DESCRIPTOR).own[0], wallet: "cold" }] })).toContain(
      "no client pays from this wallet",
    );
    const internal = [{ class: "cold", address: addressNo(litecoin, 1) }];
    expect(faultsOf({ internal })).toContain("/gateway/proxy/internal/0/address");
  });
});
