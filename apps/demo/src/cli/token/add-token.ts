/** Registers `shield token`. */
import { approverKeySchema } from "@dgb-shield/client";
import type { Command } from "commander";
import { CommandError } from "../../errors.js";
import { createTokenKey } from "../../service/signing/token-signer.js";
import type { CommandIo } from "../command-io.js";

/** Options of `shield token keygen`. */
type TokenKeygenOptions = Readonly<{ key: string; keyId: string }>;

/** Adds `shield token`. */
export function addToken(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  shield
    .command("token")
    .description("the key by which the service signs tokens for signers")
    .command("keygen")
    .description("make the key: the secret half in a file, the public half printed")
    .requiredOption("--key-id <id>", "name of the key, which signers pin")
    .requiredOption("--key <file>", "where the secret half is written, for its owner alone")
    .addHelpText("after", exitHelp)
    .action(({ key, keyId }: TokenKeygenOptions) => {
      const { stdout, stderr } = ioOf();
      if (!approverKeySchema.shape.key_id.safeParse(keyId).success) {
        throw new CommandError("usage", "--key-id: give letters, digits, . _ -, at most 64");
      }
      try {
        const shown = createTokenKey(key, keyId);
        stderr.write(
          `${key} stays with the service: name it as token.key_file. Pin this at each signer:\n`,
        );
        stdout.write(`${JSON.stringify(shown)}\n`);
      } catch (error) {
        throw new CommandError("usage", `cannot write ${key}, which must not be there yet`, error);
      }
    });
}
