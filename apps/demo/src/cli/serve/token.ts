/** Reads the key that a command calls the service with. */
import { readFileSync } from "node:fs";
import { CommandError } from "../../errors.js";

/**
 * Reads the key.
 *
 * @param file that holds it, and nothing else; without one the variable SHIELD_KEY does
 * @throws CommandError `usage` where there is none
 */
export function tokenIn(file: string | undefined, env: NodeJS.ProcessEnv): string {
  const given = file === undefined ? env["SHIELD_KEY"] : contentOf(file);
  const key = given?.trim() ?? "";
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CommandError("usage", "no key: give --key-file FILE, or SHIELD_KEY");
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandError("usage", `cannot read the key file ${file}`, error);
  }
}
