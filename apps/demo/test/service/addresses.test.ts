/** Destinations of a service: decoded by the configured chain, or for trials compared as texts. */
import { digibyteRegtest, litecoin, litecoinRegtest } from "@dgb-shield/chain";
import { addressOf, decodeAddress } from "@dgb-shield/chain/decode";
import { afterAll, describe, expect, it } from "vitest";
import { readText, smallestText } from "../support/service-config.js";
import { scriptOfDestinations } from "../../src/service/config/destinations.js";
import { addressNo } from "../support/addresses.js";
import { type HttpService, KEYS, payment, startHttpService } from "../support/http-service.js";

const [DENIED, HELD, FREE] = [1, 2, 3].map((number) => addressNo(digibyteRegtest, number));
const POLICY = { max_per_tx: "100", max_24h: "500", cooldown_seconds: 0 } as const;
const FOREIGN = addressNo(litecoin, 3);
/** One letter of an address is another one. */
const MISTYPED = FREE?.replace(/.$/, (last) => (last === "q" ? "p" : "q")) ?? "";

let number = 0;

/** Asks for a payment to an address; gives final, next and the Guardian's codes. */
async function payTo({ call }: HttpService, address: string) {
  const destinations = [{ address, amount: "0.9" }];
  const body = payment({ account_id: "ada", amount: "1", max_fee: "0.1", destinations });
  const answer = await call(`PUT /v1/payments/to-${++number}`, { body });
  expect(answer.status).toBe(200);
  const { final, next, guardian } = answer.body;
  return { final, next, codes: guardian.reason_codes };
}

const started: HttpService[] = [];
const start = async (config: Parameters<typeof startHttpService>[0] = {}): Promise<HttpService> => {
  const http = await startHttpService(config);
  started.push(http);
  return http;
};
afterAll(async () => {
  for (const http of started) await http.close();
});

describe("destinations that are decoded", () => {
  it("are one destination in two spellings: denied, held back, known", async () => {
    const http = await start({
      config: {
        guardian: {
          ...{ ...POLICY, deny_destinations: [DENIED ?? ""] },
          ...{ new_destination_seconds: 3_600, new_destination_free: "1" },
        },
      },
    });
    for (const spelling of [DENIED ?? "", DENIED?.toUpperCase() ?? "", scriptSpelling(DENIED)]) {
      expect(await payTo(http, spelling)).toMatchObject({
        ...{ final: "REFUSED", next: "stop" },
        codes: expect.arrayContaining(["destination_denied"]) as unknown,
      });
    }
    // What may go to a new destination at once is used up by the first spelling.
    expect(await payTo(http, HELD ?? "")).toMatchObject({ final: "ALLOW" });
    for (const spelling of [HELD?.toUpperCase() ?? "", scriptSpelling(HELD)]) {
      expect(await payTo(http, spelling)).toMatchObject({
        ...{ final: "REFUSED", next: "retry", codes: ["new_destination"] },
      });
    }
    const register = (address: string) =>
      http.call("PUT /v1/destinations", { body: { account_id: "ben", address } });
    expect((await register(FREE ?? "")).body.repeated).toBeUndefined();
    expect((await register(FREE?.toUpperCase() ?? "")).body.repeated).toBe(true);
    expect((await register(FOREIGN)).body.code).toBe("destination_unreadable");
    const status = await http.call("GET /v1/status", { key: KEYS.reader });
    expect(status.body).toMatchObject({ state: "open", wallets: [{ state: "open" }] });
  });

  it.each([
    ["another network's", FOREIGN],
    ["a mistyped one", MISTYPED],
    ["an invented one", "DExampleAddress1"],
    ["one in mixed case", `${FREE?.slice(0, -1) ?? ""}${FREE?.slice(-1).toUpperCase() ?? ""}X`],
    ["a script in no hexadecimal", "script:0014zz"],
    ["a script in upper case", `script:0014${"AB".repeat(20)}`],
    ["an empty script", "script:"],
  ])("are refused where they do not decode: %s", async (_, address) => {
    const [http = await start({ config: { guardian: POLICY } })] = started.slice(1);
    expect(await payTo(http, address)).toEqual({
      ...{ final: "REFUSED", next: "stop", codes: ["destination_unreadable"] },
    });
    expect(await payTo(http, FREE ?? "")).toMatchObject({ final: "ALLOW" });
  });

  it("are the same by both versions of a script's hash", () => {
    const scriptOf = scriptOfDestinations({ addresses: "decode", chain: litecoinRegtest });
    const [first = 0, second = 0] = litecoinRegtest.addresses?.p2sh_versions ?? [];
    const script = `a914${"11".repeat(20)}87`;
    const spelled = [first, second].map((version) =>
      addressOf(withVersion(version), script),
    ) as string[];
    expect(new Set(spelled).size).toBe(2);
    expect(spelled.map((address) => scriptOf?.(address))).toEqual([script, script]);
    // Again, from what is remembered.
    expect(spelled.map((address) => scriptOf?.(address))).toEqual([script, script]);
  });
});

describe("destinations that are compared as texts", () => {
  it("may be invented", async () => {
    const http = await start({ config: { guardian: POLICY, addresses: "text" } });
    expect(await payTo(http, "DExampleAddress1")).toMatchObject({ final: "ALLOW" });
    expect(scriptOfDestinations({ addresses: "text", chain: digibyteRegtest })).toBeUndefined();
  });
});

describe("the configuration", () => {
  const lists = (extra: string) =>
    readText(smallestText("wallets:", "  cold:", "    guardian:", `      max_24h: "5"`, extra));

  it("names addresses of lists that are none of the chain, and takes them as texts", () => {
    const deny = `      deny_destinations: ["${FOREIGN}", nowhere]`;
    const read = lists(deny);
    expect(read.ok ? [] : read.issues.map(({ path, problem }) => [path, problem])).toEqual([
      ["/wallets/cold/guardian/deny_destinations/0", "it is no address of litecoin_regtest"],
      ["/wallets/cold/guardian/deny_destinations/1", "it is no address of litecoin_regtest"],
    ]);
    expect(lists(`${deny}\naddresses: text`)).toMatchObject({
      ...{ ok: true, config: { addresses: "text" } },
    });
    expect(readText(smallestText())).toMatchObject({ ok: true, config: { addresses: "decode" } });
  });
});

function scriptSpelling(address = ""): string {
  const decoded = decodeAddress(digibyteRegtest, address);
  return decoded.ok ? `script:${decoded.value.script}` : "";
}

const withVersion = (version: number) => ({
  ...litecoinRegtest,
  addresses: litecoinRegtest.addresses && {
    ...litecoinRegtest.addresses,
    p2sh_versions: [version],
  },
});
