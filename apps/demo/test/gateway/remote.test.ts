/** The service as a gateway in a process of its own asks it: over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RemoteService, remoteService } from "../../src/gateway/remote-service.js";
import { type HttpService, KEYS, startHttpService } from "../support/http-service.js";
import { digibyteRegtest } from "@dgb-shield/chain";
import { addressNo } from "../support/addresses.js";

const TXID = "ab".repeat(32);
const requestOf = (withdrawal_id: string, amount = "5") => ({
  ...{ withdrawal_id, wallet_id: "hot", amount, max_fee: "0.01" },
  destinations: [{ address: addressNo(digibyteRegtest, 1), amount: "4.99" }],
  ...{ wallet_balance: "100000", behaviour_score: 1, trusted_device: true },
});

describe("the remote service", () => {
  let http: HttpService;
  let remote: RemoteService;
  beforeAll(async () => {
    http = await startHttpService();
    remote = remoteService({ url: http.url, token: KEYS.wallet.token });
  });
  afterAll(async () => {
    await remote.close();
    await http.close();
  });

  it("decides, claims, lists and settles as the service itself does", async () => {
    expect(await remote.payment("r-1")).toEqual({ missing: true });
    expect(await remote.decide(requestOf("r-1"))).toMatchObject({ final: "ALLOW", enforced: true });
    expect(await remote.claim("r-1", { signer_id: "gateway:-:1" })).toMatchObject({
      ...{ decision: "ALLOW", enforced: true },
    });
    expect(await remote.payments({ limit: 10 })).toMatchObject({
      payments: [{ withdrawal_id: "r-1", status: "claimed", signer_id: "gateway:-:1" }],
    });
    expect(await remote.commit("r-1", { txid: TXID, fee: "0.005" })).toMatchObject({
      accepted: true,
    });
    expect(await remote.payment("r-1")).toMatchObject({ status: "committed", txid: TXID });
    expect(await remote.decisions({ limit: 1, isShown: () => true })).toMatchObject({
      decisions: [{ payment_id: "r-1", standing: "committed" }],
    });
    await remote.decide(requestOf("r-2"));
    expect(await remote.releaseUnsent("r-2", { reason: "test" })).toMatchObject({ accepted: true });
  });

  it("gives a decision that is a problem as the decision that it is", async () => {
    expect(await remote.decide(requestOf("r-1"))).toMatchObject({
      ...{ final: "REFUSED", guardian: { reason_codes: ["already_committed"], txid: TXID } },
    });
    expect(await remote.decide(requestOf("r-1", "6"))).toMatchObject({
      guardian: { reason_codes: ["content_changed"] },
    });
  });

  it("reports calls, and rejects where they may not have been counted", async () => {
    const counts = { calls: 3, refused: 1, unauthorized: 0 };
    await expect(remote.reportCalls(counts)).resolves.toBeUndefined();
    await expect(remote.reportCalls({ ...counts, calls: -1 })).rejects.toThrow(
      /^the service answered 4/,
    );
  });

  it("reads the defense and the incidents", async () => {
    expect(await remote.defense()).toMatchObject({ lockdown: expect.any(String) as string });
    expect(await remote.incidents()).toEqual(await http.service.incidents());
  });

  it("rejects without a key that counts, and where nothing listens, without a word of what was sent", async () => {
    const stranger = remoteService({ url: http.url, token: "shd_no_key" });
    await expect(stranger.decide(requestOf("r-9"))).rejects.toThrow(/^the service answered 401/);
    await expect(stranger.payment("r-1")).rejects.toThrow(/^the service answered 401/);
    await stranger.close();
    const lost = remoteService({ url: "http://127.0.0.1:1", token: KEYS.wallet.token });
    await expect(lost.decide(requestOf("r-9"))).rejects.toThrow();
    await lost.close();
  });
});
