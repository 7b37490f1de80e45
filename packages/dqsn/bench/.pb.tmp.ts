import { hash } from "node:crypto";
import { compare, print } from "@dgb-shield/bench";
import { canonicalize, parseJsonList, type JsonValue } from "@dgb-shield/contract";
import { createDqsn } from "/work/main/packages/dqsn/src/evaluate/index.js";
import { requestOf } from "/work/main/packages/dqsn/bench/requests.js";
import { richRequestOf } from "/work/main/packages/dqsn/bench/rich-requests.js";
const back = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(back);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([k, m]) => [k, back(m)]),
  );
};
const dqsn = createDqsn();
for (const [name, r] of [
  ["plain", requestOf(64)],
  ["rich", richRequestOf(64)],
] as const) {
  const text = canonicalize(r);
  const other = JSON.stringify(back(r as unknown as JsonValue));
  if (dqsn.evaluateText(text).decision === "ERROR") throw new Error("x");
  const cases: [string, () => unknown][] = [
    ["floor", () => [JSON.parse(text), hash("sha256", text, "hex")]],
    ["canonical", () => dqsn.evaluateText(text)],
    ["any order", () => dqsn.evaluateText(other)],
    ["parseJsonList canonical", () => parseJsonList(text, "signals").value],
    ["parseJsonList other", () => parseJsonList(other, "signals").value],
  ];
  if (process.argv[2] && process.argv[2] !== name) continue;
  if (process.argv[3]) {
    const f = process.argv[3] === "c" ? cases[1][1] : cases[2][1];
    const t = Date.now();
    while (Date.now() - t < 6000) f();
    continue;
  }
  print(name + " " + text.length, compare(cases as never, { rounds: 9 }));
}
