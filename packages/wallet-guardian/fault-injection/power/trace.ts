/** Reads a trace of system calls: what a process wrote to which file, what it synced, and what it printed. */

/** One call, in the order in which the calls ended. */
export type Call =
  | Readonly<{ kind: "write"; path: string; at: number; bytes: Buffer }>
  | Readonly<{ kind: "sync"; path: string }>
  | Readonly<{ kind: "unlink"; path: string }>
  | Readonly<{ kind: "cut"; path: string; length: number }>
  | Readonly<{ kind: "name"; path: string; to: string; isMoved: boolean }>
  | Readonly<{ kind: "said"; text: string }>;

/** The arguments of strace; `-xx` writes every text as hexadecimal escapes. */
export const straceArguments = (output: string): string[] => [
  ...["-f", "-y", "-xx", "-s", "1000000", "-o", output, "-e"],
  "trace=pwrite64,write,fsync,fdatasync,ftruncate,link,linkat,rename,renameat,renameat2,unlink,unlinkat",
];

/** The calls of a trace. */
export function readTrace(text: string): Call[] {
  const unfinished = new Map<string, string>();
  return text.split("\n").flatMap((line) => {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest.endsWith("<unfinished ...>")) {
      unfinished.set(thread, rest.slice(0, -"<unfinished ...>".length).trimEnd());
      return [];
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    return callOf(resumed === null ? rest : `${unfinished.get(thread) ?? ""}${resumed[1] ?? ""}`);
  });
}

const TEXT = `((?:\\\\x[0-9a-f]{2})*)`;
const FILE = `\\d+<${TEXT}>`;
const WRITE = new RegExp(`^pwrite64\\(${FILE}, "${TEXT}", \\d+, (\\d+)\\) += (\\d+)`);
const SAID = new RegExp(`^write\\(1<[^>]*>, "${TEXT}"`);
const SYNC = new RegExp(`^f(?:data)?sync\\(${FILE}\\) += 0`);
const CUT = new RegExp(`^ftruncate\\(${FILE}, (\\d+)\\) += 0`);
const NAME = new RegExp(`^(link|rename)\\w*\\(.*?"${TEXT}".*?"${TEXT}".*\\) += 0`);
const UNLINK = new RegExp(`^unlink\\w*\\(.*?"${TEXT}".*\\) += 0`);

const bytesOf = (escaped = ""): Buffer => Buffer.from(escaped.replaceAll("\\x", ""), "hex");
const textOf = (escaped?: string): string => bytesOf(escaped).toString();

function callOf(line: string): Call[] {
  const write = WRITE.exec(line);
  if (write !== null) {
    const [, path, bytes, at, written] = write;
    const all = bytesOf(bytes).subarray(0, Number(written));
    return [{ kind: "write", path: textOf(path), at: Number(at), bytes: all }];
  }
  const said = SAID.exec(line);
  if (said !== null) return [{ kind: "said", text: textOf(said[1]) }];
  const sync = SYNC.exec(line);
  if (sync !== null) return [{ kind: "sync", path: textOf(sync[1]) }];
  return nameCallOf(line);
}

function nameCallOf(line: string): Call[] {
  const cut = CUT.exec(line);
  if (cut !== null) return [{ kind: "cut", path: textOf(cut[1]), length: Number(cut[2]) }];
  const name = NAME.exec(line);
  if (name !== null) {
    const isMoved = name[1] === "rename";
    return [{ kind: "name", path: textOf(name[2]), to: textOf(name[3]), isMoved }];
  }
  const unlink = UNLINK.exec(line);
  return unlink === null ? [] : [{ kind: "unlink", path: textOf(unlink[1]) }];
}
