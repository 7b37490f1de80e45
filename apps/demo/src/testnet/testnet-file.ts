/** The file by which other terminals find a running testnet. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { CommandError } from "../errors.js";

/** Name of the file in the testnet's folder. */
export const TESTNET_FILE = "testnet.json";
/** How the names of temporary folders begin. */
export const FOLDER_PREFIX = "dgb-shield-testnet-";

const loopback = z.url().regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/);

const testnetSchema = z.strictObject({
  format: z.literal(1),
  program: z.string(),
  chain: z.string(),
  /** Whether the folder goes when the testnet ends. */
  temporary: z.boolean(),
  control: z.strictObject({ url: loopback, token: z.string().regex(/^[0-9a-f]{64}$/) }),
  service: z.strictObject({
    url: loopback,
    config_file: z.string(),
    keys: z.strictObject({ operator: z.string(), wallet: z.string(), reader: z.string() }),
  }),
  gateway: z.strictObject({ url: loopback, user: z.string(), password: z.string() }),
  nodes: z.array(
    z.strictObject({
      node_id: z.string(),
      url: loopback,
      cookie_file: z.string(),
      peer: z.string(),
    }),
  ),
});
/** What is known of a testnet: addresses and credentials, for its owner alone. */
export type TestnetFile = z.infer<typeof testnetSchema>;

/** Writes the file; only its owner may read it. */
export function writeTestnetFile(folder: string, content: TestnetFile): void {
  const text = `${JSON.stringify(testnetSchema.parse(content), null, 2)}\n`;
  writeFileSync(join(folder, TESTNET_FILE), text, { mode: 0o600 });
}

/** A testnet's folder and what its file says. */
export type FoundTestnet = Readonly<{ folder: string; testnet: TestnetFile }>;

/**
 * Finds the testnet of a folder; without one the only one of this user that was started in a temporary folder.
 *
 * @throws CommandError `usage` where there is none, or are several
 */
export function findTestnet(folder: string | undefined): FoundTestnet {
  if (folder !== undefined) return { folder: resolve(folder), testnet: read(resolve(folder)) };
  const found = temporaryFolders();
  const [only] = found;
  if (only === undefined) {
    throw new CommandError(
      "usage",
      "no testnet was found: start one with shield testnet in another terminal, or name its folder with --dir",
    );
  }
  if (found.length > 1) {
    throw new CommandError(
      "usage",
      `there are several testnets: name one with --dir:\n${found.map((one) => `  ${one}`).join("\n")}`,
    );
  }
  return { folder: only, testnet: read(only) };
}

/** Folders of this user alone: what another one has put there is no testnet of ours. */
function temporaryFolders(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(FOLDER_PREFIX))
    .map((name) => join(tmpdir(), name))
    .filter((path) => isOwn(path) && isOwn(join(path, TESTNET_FILE)));
}

function isOwn(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.uid === (process.getuid?.() ?? found.uid);
}

/** @throws CommandError `usage` where the file is missing or of another form */
function read(folder: string): TestnetFile {
  const path = join(folder, TESTNET_FILE);
  try {
    return testnetSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const detail = `${folder} has no testnet that can be read (${TESTNET_FILE}): start one with shield testnet --dir ${folder}`;
    throw new CommandError("usage", detail, error);
  }
}
