/** `shield testnet attack`: gives a running testnet an order, and shows what comes of it. */
import { createInterface } from "node:readline";
import { Agent, request } from "undici";
import { CommandError, EXIT, Interrupted } from "../../errors.js";
import { ATTACK_NAMES, isAttackName } from "../../testnet/attacks/index.js";
import type { DrillOutcome } from "../../testnet/drill.js";
import type { TestnetEvent } from "../../testnet/events.js";
import { findTestnet } from "../../testnet/testnet-file.js";
import { paintFor, printable } from "../../timeline/format.js";
import type { CommandIo } from "../command-io.js";
import { lineOf } from "./lines.js";

/** What the command is given. */
export type AttackOptions = Readonly<{ dir?: string; json: boolean }>;

type Line = TestnetEvent | Readonly<{ outcome: DrillOutcome }> | Readonly<{ refused: string }>;

/**
 * Carries out an attack, or heals.
 *
 * @returns the exit code: 0 where every layer did what it must
 * @throws CommandError `usage` where there is no such attack or testnet, or another attack is in the way
 */
export async function attackCommand(
  name: string,
  { dir, json }: AttackOptions,
  { stdout, env, stop }: CommandIo,
): Promise<number> {
  if (name !== "heal" && !isAttackName(name)) {
    const names = [...ATTACK_NAMES, "heal"].join(", ");
    throw new CommandError("usage", `there is no attack ${printable(name)}: give one of ${names}`);
  }
  const { folder, testnet } = findTestnet(dir);
  const { url, token } = testnet.control;
  const paint = paintFor(stdout, env);
  const dispatcher = new Agent();
  try {
    const { body } = await request(`${url}/attack/${name}`, {
      ...{ method: "POST", headers: { authorization: `Bearer ${token}` }, signal: stop },
      ...{ dispatcher, headersTimeout: 0, bodyTimeout: 0 },
    });
    for await (const text of createInterface({ input: body })) {
      const line = JSON.parse(text) as Line;
      if ("refused" in line) throw new CommandError("usage", printable(line.refused));
      if (json) stdout.write(`${JSON.stringify(line)}\n`);
      if ("outcome" in line) return line.outcome.ok ? EXIT.done : EXIT.failed;
      if (!json) stdout.write(`${lineOf(line, { json, paint })}\n`);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (stop.aborted) throw new Interrupted();
    throw gone(folder, error);
  } finally {
    await dispatcher.destroy();
  }
  throw gone(folder);
}

const gone = (folder: string, cause?: unknown): CommandError =>
  new CommandError(
    "usage",
    `the testnet of ${folder} does not answer: it has ended, or was killed; shield testnet stop --dir ${folder} ends what is left of it`,
    cause,
  );
