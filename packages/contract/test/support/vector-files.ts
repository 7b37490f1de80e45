/** Small vector files for tests of the runner. */
import type { VectorCase, VectorFile } from "../../src/adapters/vectors/index.js";

/** Three cases that expect `{ok: true}`; `over` replaces members of the second. */
export const threeCases = (over: Partial<VectorCase> = {}): VectorFile => ({
  vectors_version: 1,
  contract_version: 3,
  suite: "strict-json",
  source: "test",
  cases: ["first", "second", "third"].map((id) => ({
    id,
    clause: "a clause",
    title: `the ${id} case`,
    input: { text: `["${id}"]` },
    expect: { ok: true },
    ...(id === "second" ? over : {}),
  })),
});
