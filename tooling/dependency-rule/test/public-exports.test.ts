/** What every package exports: nothing that an importer can change, and no answer that a prototype supplies. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";

const packages = join(import.meta.dirname, "..", "..", "..", "packages");
const SOURCE = "@dgb-shield/source";

type Exports = Record<string, string | Record<string, string>>;
type Entry = Readonly<{ name: string; file: string }>;

/** The TypeScript sources of a package's public entry points. */
function entriesOf(folder: string): Entry[] {
  const manifest = JSON.parse(readFileSync(join(packages, folder, "package.json"), "utf8")) as {
    exports?: Exports;
  };
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    const source = typeof target === "string" ? undefined : target[SOURCE];
    if (source?.endsWith(".ts") !== true) return [];
    const name = subpath === "." ? folder : `${folder}${subpath.slice(1)}`;
    return [{ name, file: join(packages, folder, source) }];
  });
}

const entries = readdirSync(packages)
  .filter((folder) => existsSync(join(packages, folder, "package.json")))
  .flatMap(entriesOf);

const load = (file: string): Promise<Record<string, unknown>> =>
  import(/* @vite-ignore */ pathToFileURL(file).href) as Promise<Record<string, unknown>>;

/** A schema of zod, whose own tables its package freezes; its instance has lazy members. */
const isSchema = (value: object): boolean => "_zod" in value;

/** Everything that can be reached from an export as plain data, and that is not frozen. */
function changeable(value: unknown, path: string, seen = new Set<unknown>()): string[] {
  if (typeof value !== "object" || value === null || seen.has(value) || isSchema(value)) return [];
  seen.add(value);
  if (value instanceof RegExp)
    return value.global || value.sticky ? [`${path} (a RegExp that remembers)`] : [];
  // No Map or Set can be frozen.
  if (value instanceof Map || value instanceof Set)
    return [`${path} (a ${value.constructor.name})`];
  const inner = Reflect.ownKeys(value).flatMap((key) =>
    changeable(Object.getOwnPropertyDescriptor(value, key)?.value, `${path}.${String(key)}`, seen),
  );
  return Object.isFrozen(value) ? inner : [path, ...inner];
}

describe("the public exports", () => {
  it("are found", () => expect(entries.length).toBeGreaterThan(15));

  it.each(entries)("of $name are frozen deeply", async ({ file }) => {
    const module = await load(file);
    expect(Object.entries(module).flatMap(([name, value]) => changeable(value, name))).toEqual([]);
  });
});

/** Arguments that say too little: what is missing must stay missing. */
const ARGUMENTS: (() => unknown[])[] = [
  () => [],
  () => [{}],
  () => [[]],
  () => [{}, {}],
  () => [[{}]],
  () => [{ x: 1 }, { x: 1 }, { x: 1 }],
  () => ["{}", "{}"],
  () => ['{"a":1,"a":2}', "a"],
];

/** Names of fields of the layers, and of switches of engines and libraries. */
const KEYS =
  "x decision risk score tier level severity operator node_id source type evidence meta fail_closed request_id context_hash contract_version component signals constraints metadata observed_at observed_at_ms trusted_device reason_codes lockdown event_id expires_at_ms latched local withdrawal_id wallet_id amount max_fee destinations policy ledger clock now_ms monotonic_ms time_ms anchor limit create enabled ok status state code refusal accepted skipChecks".split(
    " ",
  );
const VALUES: readonly unknown[] = [1, "ALLOW", {}];

/** What a call gives, as text: its result, its error, or that it answers later. */
function outcomeOf(run: (...given: unknown[]) => unknown, given: unknown[]): string {
  try {
    const result = run(...given);
    if (
      typeof result === "object" &&
      result !== null &&
      typeof (result as { then?: unknown }).then === "function"
    ) {
      void (result as Promise<unknown>).then(
        () => undefined,
        () => undefined,
      );
      return "later";
    }
    return textOf(result);
  } catch (error) {
    return `throws ${error instanceof Error ? error.name : "something"}`;
  }
}

const textOf = (value: unknown): string =>
  inspect(value, { depth: 6, sorted: true, showHidden: false });

function polluted<T>(key: string, value: unknown, run: () => T): T {
  Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(Object.prototype, key);
  }
}

/** A class is called with `new`; whoever makes one of an error gives it its fields. */
const isFunction = (value: unknown): value is (...given: unknown[]) => unknown =>
  typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value));

describe("the functions of the cores", () => {
  const cores = entries.filter(({ name }) => !name.includes("/"));

  it.each(cores)(
    "of $name answer the same, or throw, under a polluted Object.prototype",
    async ({ file }) => {
      const functions = Object.entries(await load(file)).filter(([, value]) => isFunction(value));
      const wrong: string[] = [];
      for (const [name, value] of functions) {
        const run = value as (...given: unknown[]) => unknown;
        for (const make of ARGUMENTS) {
          const clean = outcomeOf(run, make());
          // What differs from call to call, such as a random id, says nothing here.
          if (clean !== outcomeOf(run, make())) continue;
          for (const key of KEYS) {
            for (const poison of VALUES) {
              const under = polluted(key, poison, () => outcomeOf(run, make()));
              if (under !== clean && !under.startsWith("throws ")) {
                wrong.push(`${name} reads an inherited ${key}`);
              }
            }
          }
        }
      }
      expect([...new Set(wrong)]).toEqual([]);
    },
  );
});
