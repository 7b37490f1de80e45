/** `shield tip verify`: verifies a signed statement "which tip", without any connection. */
import { CHAINS } from "@dgb-shield/chain";
import type { TipStatement } from "@dgb-shield/sentinel";
import {
  type TipStatementVerification,
  verifyTipStatement,
} from "@dgb-shield/sentinel/tip-statement";
import { CommandError, EXIT } from "../../errors.js";
import { grouped, printable } from "../../timeline/format.js";
import { bytesOf, readPublicKeys } from "./key-file.js";

/** Options of `shield tip verify`. */
export type VerifyOptions = Readonly<{
  /** File of the public keys. */
  key: string;
  chain?: string;
  /** Seconds. */
  maxAge: number;
  json: boolean;
}>;

/**
 * Verifies a statement and prints what it states, or why it is refused.
 *
 * @returns `EXIT.done`, or `EXIT.refused`
 * @throws CommandError `usage` where a file cannot be read
 */
export function verifyCommand(
  file: string,
  options: VerifyOptions,
  stdout: Readonly<{ write(text: string): unknown }>,
  nowMs: number,
): number {
  const chain = CHAINS.find(({ name }) => name === options.chain);
  const answer = verifyTipStatement(read(file), {
    ...{ keys: readPublicKeys(options.key), now_ms: nowMs, max_age_ms: options.maxAge * 1_000 },
    ...(chain !== undefined && { chain }),
  });
  const text = options.json ? JSON.stringify(answer) : textOf(answer).join("\n");
  stdout.write(`${text}\n`);
  return answer.accepted ? EXIT.done : EXIT.refused;
}

function read(file: string): Buffer {
  try {
    return bytesOf(file);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `cannot read ${file}: ${detail}`, error);
  }
}

function textOf(answer: TipStatementVerification): string[] {
  if (!answer.accepted) {
    const { code, path, detail } = answer;
    return [`REFUSED: ${code}${path === "" ? "" : ` at ${path}`}: ${printable(detail)}`];
  }
  const { statement, key_id, age_ms } = answer;
  const { operator, chain, stated_at_ms, level, tip, nodes, branches, findings } = statement;
  const time = new Date(stated_at_ms).toISOString().replace(/\.\d+Z$/, "Z");
  return [
    `VALID: signed by ${printable(operator)} with the key ${key_id}`,
    `${chain} at ${time}, ${Math.round(age_ms / 1_000)} s ago: ${level}`,
    ...branchText("tip", tip, nodes),
    ...branches.flatMap(({ fork_height, tip: end, nodes: followers }) => {
      const place = fork_height === null ? "" : `, apart above height ${grouped(fork_height)}`;
      return branchText(`another branch${place}`, end, followers);
    }),
    ...(findings.length === 0 ? ["nothing found"] : findings.map(findingText)),
  ];
}

function branchText(
  title: string,
  { hash, height }: TipStatement["tip"],
  nodes: TipStatement["nodes"],
): string[] {
  return [
    `${title}: ${grouped(height)} ${hash}`,
    ...nodes.map(({ node_id, software, is_watched }) => {
      const silent = is_watched ? "" : "  (did not answer)";
      return `  ${printable(node_id).padEnd(20)} ${printable(software ?? "unknown version")}${silent}`;
    }),
  ];
}

const findingText = ({ finding_id, node_id, severity }: TipStatement["findings"][number]): string =>
  `${severity.toFixed(2)}  ${node_id === null ? "" : `${printable(node_id)}: `}${printable(finding_id)}`;
