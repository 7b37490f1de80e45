/**
 * Mutated PSBTs: none passes. What passes has to spend and pay, byte for byte, what was approved; what it spends and pays
 * is read by another library.
 */
import { createRandom } from "@dgb-shield/testkit/random";
import { runs } from "@dgb-shield/testkit/runs";
import { hex } from "@scure/base";
import { Transaction } from "@scure/btc-signer";
import { expect, it } from "vitest";
import { litecoinRegtest } from "@dgb-shield/chain";
import { checkTransaction, readSignable } from "../../src/adapters/verify/check-transaction.js";
import { refusedBy } from "../../src/adapters/verify/codes.js";
import { readToken } from "../../src/adapters/verify/jws.js";
import { ownScriptsOf } from "../../src/adapters/verify/own-scripts.js";
import { readPins } from "../../src/adapters/verify/pins.js";
import type { PaymentToken } from "../../src/index.js";
import { DESCRIPTORS, NOW, pins, psbtOf, token } from "../support/site.js";
import { mutatorOf } from "../support/mutate.js";
import { CHANGE, INPUTS, OUTPUTS, ownScript, PAID, PSBT, verifierOf } from "../support/wallet.js";

const COUNT = runs(2_000, 1_000_000);
const verifier = verifierOf();
const WALLET = new Set([0, 1, 2, 3].flatMap((at) => [ownScript(0, at), ownScript(1, at)]));

function layoutOf(psbt: Uint8Array) {
  const text = hex.encode(psbt);
  const from = text.indexOf("02000000") / 2;
  const tx = hex.encode(unsignedOf(psbt));
  expect(text.slice(from * 2, from * 2 + tx.length)).toBe(tx);
  let at = from;
  const amounts = OUTPUTS.map(({ script, amount }) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(amount);
    at = text.indexOf(bytes.toString("hex") + (script.length / 2).toString(16), at * 2) / 2;
    return at;
  });
  return { from, to: from + tx.length / 2, amounts };
}

function unsignedOf(psbt: Uint8Array): Uint8Array {
  const tx = Transaction.fromPSBT(psbt, {
    allowUnknownOutputs: true,
    allowUnknownInputs: true,
    disableScriptCheck: true,
    allowUnknownVersion: true,
  });
  return tx.toBytes(false, false);
}

/** What a signer would commit to, by another reader; the whole transaction, and the signature types. */
function meaningOf(psbt: Uint8Array): string {
  const tx = Transaction.fromPSBT(psbt, {
    allowUnknownOutputs: true,
    allowUnknownInputs: true,
    disableScriptCheck: true,
    allowUnknownVersion: true,
  });
  const sighashes = Array.from({ length: tx.inputsLength }, (_, at) => {
    const type = tx.getInput(at).sighashType ?? 1;
    return type === 0 ? 1 : type;
  });
  return JSON.stringify([hex.encode(tx.toBytes(false, false)), sighashes]);
}

const mutate = mutatorOf(layoutOf(PSBT));
const original = meaningOf(PSBT);

const plain = token();
const first = verifier.inspect({ token: plain, psbt: PSBT, now_ms: NOW });
const named = token({ claims: { transaction: first.ok ? first.txid : "" } });

/** What `inspect` does once the token is verified, which is the same one each time; every 50th goes through all of it. */
function codeOf(psbt: Uint8Array, text: string, at: number): string {
  const code = codeOfPart(psbt, tokenOf(text));
  if (at % 50 === 0) {
    const answer = verifier.inspect({ token: text, psbt, now_ms: NOW });
    expect(answer.ok ? "ok" : answer.code).toBe(code);
  }
  return code;
}

const own = ownScriptsOf(DESCRIPTORS);
const trust = readPins(pins());
const read = new Map([plain, named].map((text) => [text, readToken(text, trust.pins, NOW)]));
const tokenOf = (text: string): PaymentToken => read.get(text)!;

function codeOfPart(psbt: Uint8Array, claims: PaymentToken): string {
  try {
    checkTransaction(readSignable(litecoinRegtest, { psbt }), claims, own);
    return "ok";
  } catch (error) {
    return refusedBy(error).code;
  }
}

it(`lets none of ${COUNT} mutated PSBTs pass`, { timeout: COUNT * 20 + 60_000 }, () => {
  const codes = new Map<string, number>();
  let same = 0;
  for (let at = 0; at < COUNT; at++) {
    const psbt = mutate(Buffer.from(PSBT), createRandom(at));
    const isNamed = at % 2 === 0;
    const code = codeOf(psbt, isNamed ? named : plain, at);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (code !== "ok") continue;
    same++;
    // What passes a token that names a transaction is that transaction; bytes that no signature commits to may differ.
    if (isNamed) expect(meaningOf(psbt), `seed ${at}`).toBe(original);
    else checkPaid(psbt, `seed ${at}`);
  }
  if (COUNT > 100_000) console.log(`passed and paid the same: ${same}`, Object.fromEntries(codes));
  for (const code of [
    "transaction_other",
    "output_foreign",
    "output_order",
    "fee_too_high",
    "transaction_unreadable",
  ]) {
    expect(codes.get(code) ?? 0, code).toBeGreaterThan(0);
  }
  expect(codes.get("verifier_failed") ?? 0).toBe(0);
  expect(same).toBeLessThan(COUNT / 5);
});

/** The payouts in their order, change to the wallet, the inputs of the original, and a fee of at most 0.001. */
function checkPaid(psbt: Uint8Array, seed: string): void {
  const tx = Transaction.fromPSBT(psbt, {
    allowUnknownOutputs: true,
    allowUnknownInputs: true,
    disableScriptCheck: true,
    allowUnknownVersion: true,
  });
  const outputs = Array.from({ length: tx.outputsLength }, (_, at) => {
    const { script, amount } = tx.getOutput(at);
    return { script: hex.encode(script!), amount: amount! };
  });
  const paid = outputs.filter(({ script }) => !WALLET.has(script));
  expect(paid, seed).toEqual(PAID);
  const inputs = Array.from({ length: tx.inputsLength }, (_, at) => tx.getInput(at));
  // 3 and 1 coins of the funding transaction, each at most once.
  const values = new Map(INPUTS.map(({ previous, index }) => [`${previous.id}:${index}`, index]));
  const names = inputs.map(({ txid, index }) => `${hex.encode(txid!)}:${index}`);
  expect(new Set(names).size, seed).toBe(names.length);
  const total = names.reduce((sum, name) => {
    expect(values.has(name), seed).toBe(true);
    return sum + (values.get(name) === 0 ? 300_000_000n : 100_000_000n);
  }, 0n);
  const fee = outputs.reduce((left, { amount }) => left - amount, total);
  expect(fee >= 0n && fee <= 100_000n, seed).toBe(true);
}

it("notices a mutant that passes: the test's own reader finds what differs", () => {
  const other = psbtOf(INPUTS, [OUTPUTS[0]!, { ...CHANGE, amount: 49_949_999n }, OUTPUTS[2]!]);
  expect(meaningOf(other)).not.toBe(original);
  const stolen = psbtOf(INPUTS, [
    OUTPUTS[0]!,
    { ...CHANGE, script: "0014" + "99".repeat(20) },
    OUTPUTS[2]!,
  ]);
  expect(() => checkPaid(stolen, "stolen")).toThrow();
});
