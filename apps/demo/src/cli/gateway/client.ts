/** `shield gateway client`: credentials of a client, shown once. */
import { randomBytes } from "node:crypto";
import { RPC_ROLES } from "@dgb-shield/adn";
import { gatewayConfigSchema } from "@dgb-shield/rpc-gateway";
import { hashPassword } from "@dgb-shield/rpc-gateway/server";
import { stringify } from "yaml";
import { CommandError, EXIT } from "../../errors.js";
import type { CommandIo } from "../command-io.js";

/** What the command is given. */
export type ClientOptions = Readonly<{ name: string; role: string; wallet: readonly string[] }>;

/** Bytes of a password. */
const SECRET_BYTES = 32;

/**
 * Makes a password. It goes to standard output, and what belongs into the configuration to standard error, so that one can be piped.
 *
 * @returns the exit code
 * @throws CommandError `usage` for a name, role or wallet that cannot be used
 */
export function addClient(
  { name, role, wallet }: ClientOptions,
  { stdout, stderr }: Pick<CommandIo, "stdout" | "stderr">,
): number {
  if (!RPC_ROLES.some((known) => known === role)) {
    throw new CommandError(
      "usage",
      `there is no role ${role}: give one of ${RPC_ROLES.join(", ")}`,
    );
  }
  const password = randomBytes(SECRET_BYTES).toString("base64url");
  const password_sha256 = hashPassword(password, randomBytes(16));
  const client = { name, password_sha256, role, wallets: [...wallet] };
  const { error } = gatewayConfigSchema.safeParse({ clients: [client] });
  if (error !== undefined) {
    const [issue] = error.issues;
    throw new CommandError(
      "usage",
      `${issue?.path.slice(2).join(".") ?? "client"}: ${issue?.message ?? ""}`,
    );
  }
  const lines = stringify([client]).trimEnd().replaceAll("\n", "\n    ");
  stderr.write(`Its password is shown once. Add this to shield.yaml:\n\n`);
  stderr.write(`gateway:\n  proxy:\n    clients:\n    ${lines}\n\n`);
  stdout.write(`${password}\n`);
  return EXIT.done;
}
