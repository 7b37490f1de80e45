/** Finds a node program that is installed on this machine, and the regtest chain that it makes. */
import { execFileSync } from "node:child_process";
import {
  bitcoinRegtest,
  type ChainParameters,
  digibyteRegtest,
  digibyteRegtest26,
  litecoinRegtest,
} from "@dgb-shield/chain";
import { CommandError } from "../errors.js";

/** Names of the programs, the one that is taken first in front. */
export const PROGRAM_NAMES = ["digibyted", "litecoind", "bitcoind"] as const;
/** Name of a node program. */
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** A node program that runs on this machine. */
export type NodeProgram = Readonly<{
  name: ProgramName;
  /** First line of its `--version`. */
  version: string;
  chain: ChainParameters;
  /** What it needs to mine and to pay on a new regtest chain. */
  args: readonly string[];
}>;

type Kind = Readonly<{
  chain: (version: string) => ChainParameters;
  args: readonly string[];
  install: string;
}>;

/** First major version of DigiByte Core whose regtest has Odocrypt in place of Groestl. */
const DIGIBYTE_26 = 9;

const KINDS: Readonly<Record<ProgramName, Kind>> = {
  digibyted: {
    chain: (version) => (majorOf(version) >= DIGIBYTE_26 ? digibyteRegtest26 : digibyteRegtest),
    args: [],
    install: "DigiByte Core: https://github.com/DigiByte-Core/digibyte/releases",
  },
  litecoind: {
    chain: () => litecoinRegtest,
    // Without it no block can be mined from height 432 on.
    args: ["-vbparams=mweb:-2:0"],
    install: "Litecoin Core: apt-get install litecoind (Debian 12 or later)",
  },
  bitcoind: {
    chain: () => bitcoinRegtest,
    args: [],
    install: "Bitcoin Core: https://bitcoincore.org/en/download (Homebrew: brew install bitcoin)",
  },
};

const majorOf = (version: string): number => Number(/v(\d+)\./.exec(version)?.[1] ?? 0);

/** Time that `--version` may take, in milliseconds. */
const VERSION_MS = 10_000;

/**
 * Finds a program on the path.
 *
 * @param wanted its name; the first one that is installed where it is left out
 * @throws CommandError `usage` with how to install one
 */
export function findProgram(wanted: ProgramName | undefined, env: NodeJS.ProcessEnv): NodeProgram {
  for (const name of wanted === undefined ? PROGRAM_NAMES : [wanted]) {
    const version = versionOf(name, env);
    if (version === undefined) continue;
    const { chain, args } = KINDS[name];
    return { name, version, chain: chain(version), args };
  }
  const what = wanted === undefined ? "no node program is installed" : `${wanted} is not installed`;
  const lines = (wanted === undefined ? PROGRAM_NAMES : [wanted]).map(
    (name) => `  ${KINDS[name].install}`,
  );
  throw new CommandError(
    "usage",
    `${what} (looked on PATH): the testnet needs real nodes. Install one, then run the command again:\n${lines.join("\n")}`,
  );
}

function versionOf(name: ProgramName, env: NodeJS.ProcessEnv): string | undefined {
  try {
    const text = execFileSync(name, ["--version"], {
      ...{ encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"], timeout: VERSION_MS },
    });
    return text.split("\n")[0]?.trim() ?? "";
  } catch {
    return undefined;
  }
}
