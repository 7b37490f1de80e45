/** The decoders against a node's: never another amount, destination, outpoint or fee. */
import { createRandom, type Random } from "@dgb-shield/testkit/random";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { runs } from "@dgb-shield/testkit/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  decodeAddress,
  decodePsbt,
  decodeTransaction,
} from "../../../src/adapters/decode/index.js";
import { litecoinRegtest } from "../../../src/index.js";
import {
  type NodePsbt,
  type NodeTransaction,
  ofNode,
  ofOwn,
  spendsOfBoth,
} from "../../support/decode/compare.js";
import { someAddress } from "../../support/decode/generate-address.js";
import { mutatedMaps, somePsbt, writtenPsbt } from "../../support/decode/generate-psbt.js";
import { someTransaction, written } from "../../support/decode/generate-transaction.js";
import { asHogex, mutated } from "../../support/decode/mutate.js";
import { type Answer, callMany } from "../../support/decode/node-oracle.js";
import { createTally } from "../../support/decode/tally.js";

const COUNT = runs(300, 100_000);
const BATCH = 100;
/** Keys of signatures and derivations are not checked to be points of the curve, nor their paths: they say nothing of what leaves. */
const OF_KEYS = /Invalid pubkey|Invalid length for HD key path/;
const TIMEOUT_MS = 3_600_000;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Inputs of one batch. */
const batchOf = <T>(seed: number, first: number, make: (random: Random) => T): T[] => {
  const random = createRandom(seed * 1_000_003 + first);
  return Array.from({ length: Math.min(BATCH, COUNT - first) }, () => make(random));
};

describe.skipIf(!hasLitecoind())("the decoders and a node", () => {
  let node: RegtestNode;
  beforeAll(async () => {
    node = await startNode({ args: ["-rpcworkqueue=64"] });
  });
  afterAll(() => node.remove());

  it("read the same transactions, or refuse", { timeout: TIMEOUT_MS }, async () => {
    const tally = createTally("transactions");
    for (let first = 0; first < COUNT; first += BATCH) {
      const inputs = batchOf(1, first, (random) => hex(transactionBytes(random)));
      const answers = await callMany<NodeTransaction>(
        node,
        "decoderawtransaction",
        inputs.map((raw) => [raw, true]),
      );
      for (const [i, raw] of inputs.entries()) {
        const own = decodeTransaction(litecoinRegtest, raw);
        const answer = answers[i]!;
        tally.add(own, answer, raw);
        if (own.ok && "result" in answer) {
          expect(ofOwn(own.value), raw).toEqual(ofNode(answer.result));
        }
      }
    }
    tally.report();
    // Both sides of each branch were taken.
    expect(tally.counts.both).toBeGreaterThan(COUNT / 4);
    expect(tally.counts.neither).toBeGreaterThan(COUNT / 20);
    expect([
      "amount_out_of_range",
      "duplicate_input",
      "mweb_transaction",
      "no_inputs",
      "no_outputs",
      "null_input",
    ]).toEqual(expect.arrayContaining(tally.codes()));
    expect(tally.onlyOurs()).toEqual({});
  });

  it("read the same PSBTs, or refuse", { timeout: TIMEOUT_MS }, async () => {
    const tally = createTally("PSBTs");
    let fees = 0;
    for (let first = 0; first < COUNT; first += BATCH) {
      const inputs = batchOf(2, first, psbtText).map((text) => ({
        text,
        own: decodePsbt(litecoinRegtest, text),
      }));
      // Core 0.21 reads past the end of a previous transaction's outputs.
      const asked = inputs.filter(({ own }) => own.ok || own.code !== "utxo_index");
      const answers = await callMany<NodePsbt>(
        node,
        "decodepsbt",
        asked.map(({ text }) => [text]),
      );
      for (const [i, { text, own }] of asked.entries()) {
        const answer = answers[i]!;
        tally.add(own, answer, text);
        if (!own.ok || !("result" in answer)) continue;
        expect(ofOwn(own.value.transaction), text).toEqual(ofNode(answer.result.tx));
        const spends = spendsOfBoth(own.value, answer.result);
        expect(spends.own, text).toEqual(spends.node);
        if (spends.own.fee !== null) fees++;
      }
    }
    tally.report();
    expect(tally.counts.both).toBeGreaterThan(COUNT / 5);
    expect(fees).toBeGreaterThan(COUNT / 50);
    expect([
      "amount_out_of_range",
      "duplicate_input",
      "fee_negative",
      "no_outputs",
      "no_inputs",
      "null_input",
      "psbt_field",
      "psbt_unknown_field",
      "psbt_version",
      "utxo_contradiction",
    ]).toEqual(expect.arrayContaining(tally.codes()));
    const reasons = Object.keys(tally.onlyOurs());
    expect(reasons.filter((reason) => !OF_KEYS.test(reason))).toEqual([]);
  });

  it("read the same addresses, or refuse", { timeout: TIMEOUT_MS }, async () => {
    const tally = createTally("addresses");
    for (let first = 0; first < COUNT; first += BATCH) {
      const inputs = batchOf(3, first, someAddress);
      const answers = await callMany<Validity>(
        node,
        "validateaddress",
        inputs.map((text) => [text]),
      );
      for (const [i, text] of inputs.entries()) {
        const own = decodeAddress(litecoinRegtest, text);
        const answer = validity(answers[i]!);
        tally.add(own, answer, text);
        if (own.ok && "result" in answer) {
          expect(own.value.script, text).toBe(answer.result.scriptPubKey);
          expect(own.value.address, text).toBe(answer.result.address);
        }
      }
    }
    tally.report();
    expect(tally.counts.both).toBeGreaterThan(COUNT / 4);
    expect(tally.counts.neither).toBeGreaterThan(COUNT / 20);
    expect(["address_mweb", "address_unreadable", "address_witness_program"]).toEqual(
      expect.arrayContaining(tally.codes()),
    );
    expect(tally.onlyOurs()).toEqual({});
  });
});

function transactionBytes(random: Random): Uint8Array {
  const made = someTransaction(random);
  const raw = random.oneIn(20)
    ? asHogex(written(made), random.pick([[0], [1, 0, 0], []]))
    : written(made);
  return random.oneIn(2) ? raw : mutated(random, raw);
}

function psbtText(random: Random): string {
  const maps = somePsbt(random);
  const raw = writtenPsbt(random.oneIn(3) ? mutatedMaps(random, maps) : maps);
  return Buffer.from(random.oneIn(3) ? mutated(random, raw) : raw).toString("base64");
}

type Validity = Readonly<{ isvalid: boolean; scriptPubKey: string; address: string }>;

const validity = (answer: Answer<Validity>): Answer<Validity> =>
  "result" in answer && !answer.result.isvalid ? { error: "not valid" } : answer;
