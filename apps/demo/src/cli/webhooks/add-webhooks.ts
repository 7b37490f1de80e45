/** Registers `shield webhooks`. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Command } from "commander";
import { CommandError, EXIT } from "../../errors.js";
import { ServiceError } from "../../service/runtime/index.js";
import { NotTaken, postWebhook } from "../../service/runtime/webhooks/post.js";
import { makeSecret, readSecrets } from "../../service/runtime/webhooks/secrets.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, configOf, withConfigOptions } from "../config/config-options.js";

const HELP = `
The section webhooks of the configuration names receivers; each verifies events by the secret that it shares with the service.

Examples:
  shield webhooks keygen shield-data/siem.secret      then secret_file in the configuration, and the receiver's own copy
  shield webhooks test siem                           one event of the type test: 2xx is taken`;

/** Adds `shield webhooks`. */
export function addWebhooks(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const webhooks = shield
    .command("webhooks")
    .description("receivers of signed events (Standard Webhooks)")
    .addHelpText("after", `${HELP}\n${exitHelp}`);
  webhooks
    .command("keygen")
    .description("make a secret that signs events; give its content to the receiver")
    .argument("<file>", "where it is written, for its owner alone")
    .addHelpText("after", exitHelp)
    .action((file: string) => {
      try {
        makeSecret(file, randomBytes);
      } catch (error) {
        throw new CommandError("usage", `cannot write ${file}, which must not be there yet`, error);
      }
      ioOf().stdout.write(
        `${file}: name it as secret_file of a webhook, and give its content to the receiver by a secure channel\n`,
      );
    });
  withConfigOptions(
    webhooks
      .command("test")
      .description("post one signed event of the type test, and say what the receiver answers")
      .argument("<name>", "name of the webhook in the configuration"),
  )
    .addHelpText("after", exitHelp)
    .action(async (name: string, options: ConfigOptions) => {
      process.exitCode = await testWebhook(name, options, ioOf());
    });
}

/**
 * Posts a test event to a receiver.
 *
 * @returns the exit code
 * @throws CommandError where there is no such webhook, or no secret
 */
async function testWebhook(
  name: string,
  options: ConfigOptions,
  { stdout, stderr, env, stop }: CommandIo,
): Promise<number> {
  const { webhooks, deployment_id } = configOf(options, env);
  const webhook = webhooks.find((one) => one.name === name);
  if (webhook === undefined) {
    const names = webhooks.map((one) => one.name).join(", ") || "none";
    throw new CommandError("usage", `there is no webhook ${name}; there are: ${names}`);
  }
  const { url, timeout_ms, secret_file } = webhook;
  const data = { deployment_id, text: "a test: nothing was decided" };
  const message = { id: `test-${randomUUID()}`, type: "test", at_ms: Date.now(), data };
  try {
    const secrets = readSecrets(name, secret_file);
    await postWebhook(message, { url, secrets, timeout_ms, clock: Date.now, stop });
  } catch (error) {
    if (error instanceof ServiceError) throw new CommandError("bad_config", error.message, error);
    if (!(error instanceof NotTaken)) throw error;
    stderr.write(
      `${name} did not take the event ${message.id}: ${error.message}. Check the address, the receiver's log, and that it verifies with the secret in ${secret_file}\n`,
    );
    return EXIT.failed;
  }
  stdout.write(`${name} took the event ${message.id}\n`);
  return EXIT.done;
}
