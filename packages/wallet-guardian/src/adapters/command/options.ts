/** The command line of `guardian-ledger`. */
import { parseArgs } from "node:util";

/** Reports what is wrong with a command line, or with a file that it names. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const USAGE = `guardian-ledger: looks after a Wallet Guardian ledger, while guardians use it

  guardian-ledger status --ledger L
  guardian-ledger export --ledger L --out FILE [--after N] [--through N]
  guardian-ledger prune  --ledger L --out FILE --policy FILE [--policy FILE ...]
                         --operator NAME --reason TEXT
  guardian-ledger adopt  --ledger L --operator NAME --reason TEXT

  status   which ledger it is, its records, what is frozen, which payments are not settled
  export   appends records to FILE as JSON Lines, each with its inclusion proof; a file of another
           ledger, or of an epoch before an adoption, is rejected
  prune    exports what FILE does not have, then shrinks settled payments and removes the
           records that FILE has without a gap from the ledger's first one on; nothing that a
           window of a policy may still ask for is forgotten
  adopt    takes a ledger that was moved or restored as it is; stop every guardian on it first

  --ledger L     a SQLite file, or postgres://user@host/database; with --schema NAME (guardian)
  --policy FILE  a policy as JSON; give every policy that guardians of this ledger have
  --after N      records above this number; default: those after the last one in FILE
  --json         prints one JSON object
  --help         prints this

Exit codes: 0 done, 2 wrong usage, 3 the ledger or a file cannot be used.
`;

export const COMMANDS = ["status", "export", "prune", "adopt"] as const;

/** A command line that was read. */
export type Options = Readonly<{
  command: (typeof COMMANDS)[number];
  ledger: string;
  schema: string;
  out: string | undefined;
  policies: readonly string[];
  after: number | undefined;
  through: number | undefined;
  operator: string | undefined;
  reason: string | undefined;
  json: boolean;
}>;

const FLAGS = {
  ledger: { type: "string" },
  schema: { type: "string" },
  out: { type: "string" },
  policy: { type: "string", multiple: true },
  after: { type: "string" },
  through: { type: "string" },
  operator: { type: "string" },
  reason: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/**
 * Reads a command line.
 *
 * @returns null for `--help`
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): Options | null {
  const { values, positionals } = parsed(args);
  if (values.help === true || args.length === 0) return null;
  const command = COMMANDS.find((name) => name === positionals[0]);
  if (command === undefined || positionals.length !== 1) {
    throw new UsageError(`give one command: ${COMMANDS.join(", ")}`);
  }
  const options: Options = {
    command,
    ledger: required(values.ledger, "ledger"),
    schema: values.schema ?? "guardian",
    out: values.out,
    policies: values.policy ?? [],
    after: numberOf(values.after, "after"),
    through: numberOf(values.through, "through"),
    operator: values.operator,
    reason: values.reason,
    json: values.json ?? false,
  };
  check(options);
  return options;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function check({ command, out, policies, operator, reason }: Options): void {
  if (command === "export" || command === "prune") required(out, "out");
  if (command === "prune" && policies.length === 0) required(undefined, "policy");
  if (command === "prune" || command === "adopt") {
    required(operator, "operator");
    required(reason, "reason");
  }
}

/** Returns the value of a required flag. */
export function required(value: string | undefined, flag: string): string {
  if (value === undefined || value === "") throw new UsageError(`give --${flag}`);
  return value;
}

function numberOf(value: string | undefined, flag: string): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new UsageError(`--${flag}: give a whole number from 0 on`);
  return Number(value);
}
