/** Finds the code of a command: what it needs is loaded when it is called, and `shield --help` loads all. */
import type { Command } from "commander";
import type { CommandIo } from "./command-io.js";

/** Adds a command, with what stands below it, to `shield`. */
type AddCommand = (shield: Command, ioOf: () => CommandIo, exitHelp: string) => void;

/** Code of each command, in the order of the help; `serve` brings `status`, `propose` brings `proposals`. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = Object.freeze({
  demo: async () => (await import("./add-demo.js")).addDemo,
  replay: async () => (await import("./add-replay.js")).addReplay,
  watch: async () => (await import("./add-watch.js")).addWatch,
  record: async () => (await import("./record/add-record.js")).addRecord,
  tip: async () => (await import("./tip/add-tip.js")).addTip,
  init: async () => (await import("./init/add-init.js")).addInit,
  config: async () => (await import("./config/add-config.js")).addConfig,
  doctor: async () => (await import("./doctor/add-doctor.js")).addDoctor,
  policy: async () => (await import("./policy/add-policy.js")).addPolicy,
  ledger: async () => (await import("./ledger/add-ledger.js")).addLedger,
  audit: async () => (await import("./audit/add-audit.js")).addAudit,
  keys: async () => (await import("./keys/add-key-commands.js")).addKeyCommands,
  serve: async () => (await import("./serve/add-serve.js")).addServe,
  gateway: async () => (await import("./gateway/add-gateway.js")).addGateway,
  testnet: async () => (await import("./testnet/add-testnet.js")).addTestnet,
  approve: async () => (await import("./approve/add-approve.js")).addApprove,
  propose: async () => (await import("./governance/add-propose.js")).addPropose,
  governance: async () => (await import("./governance/add-governance.js")).addGovernance,
  token: async () => (await import("./token/add-token.js")).addToken,
  webhooks: async () => (await import("./webhooks/add-webhooks.js")).addWebhooks,
  verify: async () => (await import("./verify/add-verify.js")).addVerify,
});

/** Commands that the code of another one adds. */
const BROUGHT_BY: Readonly<Record<string, string>> = Object.freeze({
  status: "serve",
  proposals: "propose",
});

/** Flags that print the version, which needs no command. */
export const VERSION_FLAGS: readonly string[] = Object.freeze(["-V", "--version"]);

/**
 * Loads the code of the command that `args` begin with; of all commands where they begin with none.
 *
 * @param args the command line without program and script
 */
export async function commandsFor(args: readonly string[]): Promise<AddCommand[]> {
  const [first = ""] = args;
  if (VERSION_FLAGS.includes(first)) return [];
  const name = Object.hasOwn(BROUGHT_BY, first) ? BROUGHT_BY[first] : first;
  const one = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return Promise.all((one === undefined ? Object.values(COMMANDS) : [one]).map((load) => load()));
}
