import { hash } from "node:crypto";
import { compare, print } from "@dgb-shield/bench";
import { canonicalize, parseJsonList, type JsonValue } from "@dgb-shield/contract";
import { canonicalSlices } from "/work/main/packages/contract/src/json/fast/canonical-slices.js";
import { sortedStrict } from "/work/main/packages/contract/src/json/fast/canonical-copy.js";
import { isStrict, isComplete, ValueCounter } from "/work/main/packages/contract/src/json/fast/duplicate-keys.js";
import { isExchangeable, isOverPayloadLimit } from "/work/main/packages/contract/src/json/text.js";
import { depthOf } from "/work/main/packages/dqsn/src/internal/depth.js";
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
for (const [name, r] of [
  ["plain", requestOf(64)],
  ["rich", richRequestOf(64)],
] as const) {
  const text = canonicalize(r);
  const other = JSON.stringify(back(r as unknown as JsonValue));
  const v = JSON.parse(text),
    vo = JSON.parse(other);
  const sv = (sortedStrict(other, vo) as any).value;
  const cases: [string, () => unknown][] = [
    ["floor", () => [JSON.parse(text), hash("sha256", text, "hex")]],
    ["parse", () => JSON.parse(text)],
    ["hash", () => hash("sha256", text, "hex")],
    ["over", () => isOverPayloadLimit(text)],
    ["exchangeable", () => isExchangeable(text)],
    ["slices all", () => canonicalSlices(text, v, "signals")],
    ["slices(other)", () => canonicalSlices(other, vo, "signals")],
    ["isStrict other", () => isStrict(other, vo)],
    ["sortedStrict", () => sortedStrict(other, vo)],
    ["stringify items", () => sv.signals.map((x: any) => JSON.stringify(x))],
    ["stringify all", () => JSON.stringify(v)],
    ["isComplete",()=>isComplete(text,{keys:1,strings:1,colonStarts:0})],["depth", () => v.signals.map((s: any) => depthOf(s.evidence))],
  ];
  print(name + " " + text.length, compare(cases as never, { rounds: 7 }));
}
