/** The schemas as a browser runs them: bundled for it, in a context that has nothing of Node. */
import { writeFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { join } from "node:path";
import { build } from "esbuild";
import type { Project } from "./project.js";

/** What the page finds, as JSON. */
export type Page = Readonly<{
  /** Whether a true envelope passes. */
  valid: boolean;
  /** Path of the first offence in a false one. */
  offence: (string | number)[];
  /** Calls of `new Function`. */
  probes: number;
}>;

/** What of its environment may be denied to a page. */
export type Surroundings = Readonly<{
  /** Whether `eval` and `new Function` run, which a content security policy forbids. */
  strings: boolean;
  /** Whether the page configures zod not to compile. */
  jitless: boolean;
}>;

const CHECK = `
  import { envelopeSchema } from "@dgb-shield/contract/schemas";
  export const check = (text) => {
    const value = JSON.parse(text);
    const refused = envelopeSchema.safeParse({ ...value, decision: "allow" });
    return JSON.stringify({
      valid: envelopeSchema.safeParse(value).success,
      offence: refused.error.issues[0].path,
    });
  };`;
/** Schemas read the setting when they are made, so that this has to come before their import. */
const JITLESS = 'import { config } from "zod"; config({ jitless: true });';

/** Bundles a page for browsers; a Node builtin in it is an error. */
async function bundle({ folder }: Project, jitless: boolean): Promise<string> {
  writeFileSync(join(folder, "first.js"), jitless ? JITLESS : "");
  writeFileSync(join(folder, "page.js"), `import "./first.js"; ${CHECK}`);
  const { outputFiles } = await build({
    entryPoints: [join(folder, "page.js")],
    bundle: true,
    platform: "browser",
    format: "iife",
    globalName: "page",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  return outputFiles.map(({ text }) => text).join("");
}

/** Opens the page and checks an envelope there. */
export async function open(
  project: Project,
  { strings, jitless }: Surroundings,
  envelope: unknown,
): Promise<Page> {
  const context = createContext(
    { URL, TextEncoder, TextDecoder },
    { codeGeneration: { strings, wasm: false } },
  );
  runInContext(
    `globalThis.self = globalThis.window = globalThis;
     globalThis.probes = 0;
     Function = new Proxy(Function, { construct: (...all) => (probes++, Reflect.construct(...all)) });`,
    context,
  );
  runInContext(await bundle(project, jitless), context);
  const text = JSON.stringify(JSON.stringify(envelope));
  const found = JSON.parse(String(runInContext(`page.check(${text})`, context))) as Page;
  return { ...found, probes: Number(runInContext("probes", context)) };
}
