import { describe, expect, it } from "vitest";
import { digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { type Observation, type Peer, peerIsolation } from "../../src/index.js";
import { binomialTail } from "../../src/stats/tails.js";
import { header, observation, run, timed } from "../support/chain.js";

const TIP = header(1_000);
const peers = (count: number, fields: Partial<Peer> = {}): Peer[] =>
  Array.from({ length: count }, (_, i) => ({
    group: `10.${i}/16`,
    inbound: false,
    height: TIP.height,
    ...fields,
  }));
const at = (minutes: number, seen: Peer[]) =>
  observation([], { tip: TIP, at_ms: (TIP.time_s + 60 * minutes) * 1_000, peers: seen });
/** What is found when a state of the peers has lasted for ten minutes. */
const found = (seen: Peer[]) => run(peerIsolation, [at(0, seen), at(10, seen)], digibyte)[1]!;

describe("peerIsolation", () => {
  it("finds nothing at ten peers of ten groups at the tip", () => {
    expect(found(peers(10))).toEqual([]);
  });

  // 1/(3·8,766·p) years: p(0 of 10) = 0.25^10 = 9.54e-7, 39.9 years; p(≤ 1) = 2.96e-5, 1.29; p(≤ 2) = 4.2e-4
  it.each([
    [0, 0.436746],
    [1, 0.262753],
    [2, undefined],
    [3, undefined],
  ])("rates %d peers of ten at %d", (count, severity) => {
    expect(found(peers(count))[0]?.severity).toBe(severity);
  });

  // 1/(26,298·0.1^(k − 1)): 5 peers 0.38 years; 6 3.8; 8 380
  it.each([
    [5, undefined],
    [6, 0.317676],
    [8, 0.551009],
  ])("rates %d peers of one group at %d", (count, severity) => {
    const [finding] = found(peers(count, { group: "10.1/16" }));
    expect(finding?.severity).toBe(severity);
    if (severity !== undefined) expect(finding?.finding_id).toBe("peer_isolation:one_group:1000");
  });

  it.each(["onion", "i2p", "cjdns", "yggdrasil", "not_publicly_routable"])(
    "takes ten peers of %s alone for a configuration",
    (group) => {
      expect(found(peers(10, { group }))).toEqual([]);
      expect(found([...peers(10, { group }), ...peers(115, { inbound: true })])).toEqual([]);
      expect(found([...peers(9, { group }), ...peers(1)])).toEqual([]);
    },
  );

  it("lets no overlay peer hide that all the others are of one group", () => {
    const mixed = [...peers(8, { group: "10.1/16" }), ...peers(2, { group: "onion" })];
    expect(found(mixed).map(({ finding_id }) => finding_id)).toEqual([
      "peer_isolation:one_group:1000",
    ]);
  });

  it("keeps a state that can be stored, however many peers are alike", () => {
    const all = peers(1_000, { group: "10.1/16", height: 0 });
    const { state } = peerIsolation.reduce(peerIsolation.initial(), timed(at(0, all)), digibyte);
    expect(peerIsolation.stateSchema.safeParse(JSON.parse(JSON.stringify(state))).success).toBe(
      true,
    );
  });

  it("finds one group behind peers that connected themselves", () => {
    const mixed = [...peers(8, { group: "10.1/16" }), ...peers(30, { inbound: true })];
    expect(found(mixed).map(({ finding_id }) => finding_id)).toEqual([
      "peer_isolation:one_group:1000",
    ]);
  });

  // 1/(26,298·0.05^k): 3 peers 0.30 years; 4 6.1; 8 973,000
  it.each([
    [3, undefined],
    [4, 0.34149],
    [8, 0.898832],
  ])("rates %d peers that are all behind at %d", (count, severity) => {
    expect(found(peers(count, { height: 994 }))[0]?.severity).toBe(severity);
  });

  it("takes a peer that is level, or five behind, for no sign", () => {
    expect(found([...peers(8, { height: 900 }), ...peers(1)])).toEqual([]);
    expect(found(peers(8, { height: 995 }))).toEqual([]);
    expect(found(peers(8, { height: null }))).toEqual([]);
  });

  it("opens after ten minutes and ends ten minutes after", () => {
    const states = [
      at(0, []),
      at(9, []),
      at(10, []),
      at(12, peers(10)),
      at(15, []),
      at(24, peers(10)),
      at(25, peers(10)),
    ];
    expect(run(peerIsolation, states, digibyte).map((findings) => findings.length)).toEqual([
      0, 0, 1, 1, 1, 1, 0,
    ]);
  });

  describe("by the node's configuration", () => {
    const configured = (
      seen: Peer[],
      node: Partial<NonNullable<Observation["node"]>>,
      ...later: Peer[][]
    ) => {
      const first = { ...at(0, seen), node: { software: "/DigiByte:9.26.7/", ...node } };
      const all = [first, at(10, later[0] ?? seen), at(20, later[0] ?? seen)];
      return run(peerIsolation, all, digibyte).at(-1)!;
    };
    const one = peers(1);

    it.each([0, 1])("expects no more than the %d connections that it opens", (target) => {
      expect(configured(one, { outbound_target: target })).toEqual([]);
    });

    // 1/(3·8,766·p) years: p(≤ 1 of 8) = 0.25^8 + 8·0.75·0.25^7 = 3.8e-4: 0.1 years; p(0 of 8) = 1.5e-5: 2.5
    it("compares with what it opens, also while it does not give it again", () => {
      expect(configured(one, { outbound_target: 8 })).toEqual([]);
      expect(configured([], { outbound_target: 8 })[0]?.severity).toBe(0.296265);
    });

    it("does not excuse a network that is switched off", () => {
      const off = configured([], { outbound_target: 0, network_active: false });
      expect(off[0]?.finding_id).toBe("peer_isolation:few_peers:1000");
    });

    it("leaves a node behind its sentries alone, and not one that has lost them", () => {
      const sentries = peers(8, { group: "10.1/16", connection_type: "manual" });
      expect(found(sentries.slice(0, 1))).toEqual([]);
      expect(found(sentries)).toEqual([]);
      expect(configured(sentries, {}, [])[0]?.finding_id).toBe("peer_isolation:few_peers:1000");
    });

    it("counts no feeler as a peer", () => {
      const feelers = peers(10, { connection_type: "feeler" });
      expect(found(feelers)[0]?.severity).toBe(0.436746);
    });

    it("takes block-relay-only peers, whose height is not known, for no sign", () => {
      const relays = peers(2, { height: null, connection_type: "block-relay-only" });
      expect(found([...peers(8), ...relays])).toEqual([]);
      const behind = found([...peers(8, { height: 900 }), ...relays]);
      expect(behind[0]?.finding_id).toBe("peer_isolation:peers_behind:1000");
    });

    it("reads the state of an earlier version, which had no settings", () => {
      const state = peerIsolation.upgrade!({ kinds: [] });
      expect(state).toEqual(peerIsolation.initial());
      expect(peerIsolation.upgrade!(state!)).toBeUndefined();
    });
  });

  it("drops a lack that did not last", () => {
    const states = [at(0, []), at(5, peers(10)), at(6, []), at(11, [])];
    expect(run(peerIsolation, states, digibyte).flat()).toEqual([]);
  });

  it("does not run on a regtest, nor where peers were not requested", () => {
    expect(peerIsolation.appliesTo!(digibyteRegtest)).toBe(false);
    expect(peerIsolation.hasEvidence!(observation([TIP]))).toBe(false);
  });
});

describe("binomialTail", () => {
  it.each([
    [0, 10, 0.75, 0.25 ** 10],
    [1, 10, 0.75, 0.25 ** 10 + 10 * 0.75 * 0.25 ** 9],
    [10, 10, 0.75, 1],
    [99, 10, 0.75, 1],
  ])("gives at most %d of %d at %d", (most, trials, probability, tail) => {
    expect(binomialTail(most, trials, probability)).toBeCloseTo(tail, 12);
  });
});
