/** What a node decodes, with amounts as base units. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RegtestNode } from "@dgb-shield/testkit/litecoind";

/** An answer of a node: a result, or the error's text. */
export type Answer<T> = Readonly<{ result: T } | { error: string }>;

const AMOUNT = /"(value|amount|fee)":\s*(-?[0-9.]+)/g;

/**
 * Calls one method many times in one request. Numbers that are amounts become texts of base units. A call that ends
 * the node, as some PSBTs end Core 0.21, counts as an error; the node is started again.
 */
export async function callMany<T>(
  node: RegtestNode,
  method: string,
  calls: readonly (readonly unknown[])[],
): Promise<Answer<T>[]> {
  try {
    return await requestMany(node, method, calls);
  } catch {
    await restarted(node);
    if (calls.length === 1) return [{ error: "the node ended" }];
    const half = Math.ceil(calls.length / 2);
    const [first, second] = [calls.slice(0, half), calls.slice(half)];
    return [
      ...(await callMany<T>(node, method, first)),
      ...(await callMany<T>(node, method, second)),
    ];
  }
}

async function restarted(node: RegtestNode): Promise<void> {
  // The process may be ending still.
  await sleep(500);
  await node.end("SIGKILL");
  await node.start();
}

async function requestMany<T>(
  node: RegtestNode,
  method: string,
  calls: readonly (readonly unknown[])[],
): Promise<Answer<T>[]> {
  const response = await fetch(node.url, {
    method: "POST",
    headers: { authorization: `Basic ${readFileSync(node.cookieFile).toString("base64")}` },
    body: JSON.stringify(calls.map((params, id) => ({ jsonrpc: "1.0", id, method, params }))),
  });
  const text = (await response.text()).replace(
    AMOUNT,
    (_, name: string, coins: string) => `"${name}":"${unitsOf(coins)}"`,
  );
  const answers = JSON.parse(text) as { result: T; error: { message: string } | null }[];
  return answers.map(({ result, error }) =>
    error === null ? { result } : { error: error.message },
  );
}

/** Base units of a decimal with eight places, as nodes write amounts. */
function unitsOf(coins: string): bigint {
  const [whole = "", fraction = ""] = coins.replace("-", "").split(".");
  const units = BigInt(whole + fraction.padEnd(8, "0"));
  return coins.startsWith("-") ? -units : units;
}
