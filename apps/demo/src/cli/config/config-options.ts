/** The options of every command that reads the service's configuration. */
import type { Command } from "commander";
import { CommandError } from "../../errors.js";
import { issueText } from "../../service/config/issues.js";
import type { FlagSetting } from "../../service/config/layers.js";
import { type ConfigReading, CONFIG_FILE, loadConfig } from "../../service/config/load.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { more } from "../options.js";

/** What such a command is given. */
export type ConfigOptions = Readonly<{ config?: string; set: readonly string[] }>;

/** Adds `--config` and `--set`. */
export const withConfigOptions = (command: Command): Command =>
  command
    .option("--config <file>", `configuration; SHIELD_CONFIG, or ${CONFIG_FILE} where there is one`)
    .option("--set <name=value>", "a setting over file and environment; repeatable", more, []);

/**
 * Reads the configuration that a command line names.
 *
 * @param flags settings that further flags give; they win over `--set`
 */
export const readingOf = (
  { config, set }: ConfigOptions,
  env: NodeJS.ProcessEnv,
  flags: readonly FlagSetting[] = [],
): ConfigReading =>
  loadConfig({ file: config, env, flags: [...set.map(settingOf), ...flags], cwd: process.cwd() });

/**
 * Reads the configuration that a command line names.
 *
 * @throws CommandError `bad_config` with every issue, a line each
 */
export function configOf(
  options: ConfigOptions,
  env: NodeJS.ProcessEnv,
  flags: readonly FlagSetting[] = [],
): ServiceConfig {
  const reading = readingOf(options, env, flags);
  if (reading.ok) return reading.config;
  const lines = reading.issues.map((issue) => `  ${issueText(issue)}`);
  throw new CommandError("bad_config", `the configuration cannot be used:\n${lines.join("\n")}`);
}

/** `http.port=8480` as a setting. */
function settingOf(text: string): FlagSetting {
  const at = text.indexOf("=");
  const name = at === -1 ? text : text.slice(0, at);
  return { flag: `--set ${name}`, name, text: at === -1 ? "" : text.slice(at + 1) };
}
