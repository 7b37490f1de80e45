/** The keys by which a command verifies checkpoints, and whose these must be. */
import { canonicalize } from "@dgb-shield/contract";
import { type Keyring, parseKeyring } from "@dgb-shield/contract/signing";
import { CHECKPOINT_ROLE, type CheckpointTrust } from "@dgb-shield/wallet-guardian/audit";
import { readAuditKey } from "../../audit/audit-key.js";
import { CommandError } from "../../errors.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { readPublicKeys } from "../tip/key-file.js";

/** The first and the last time that a checkpoint may state: 2009 and 2100. */
const [EARLIEST_MS, LATEST_MS] = [1_230_768_000_000, 4_102_444_800_000];

/**
 * The trust of a deployment's own checkpoints.
 *
 * @param file public keys; undefined: the public half of the configured key, whatever its validity
 * @throws CommandError `usage`
 */
export function trustOf(config: ServiceConfig, file: string | undefined): CheckpointTrust {
  const { deployment_id, chain } = config;
  const genesis = chain.genesis?.hash ?? null;
  return {
    keys: file === undefined ? ownKeys(config) : readPublicKeys(file),
    origin: { deployment_id, genesis },
  };
}

function ownKeys({ audit }: ServiceConfig): Keyring {
  if (audit === null)
    throw new CommandError(
      "usage",
      "no audit is configured: give --key with the public keys that are trusted",
    );
  const { key_id, operator, public_keys } = readAuditKey(audit.key_file);
  const key = {
    ...{ key_id, operator, components: [CHECKPOINT_ROLE], public_keys, revoked: false },
    ...{ not_before_ms: EARLIEST_MS, not_after_ms: LATEST_MS },
  };
  return parseKeyring(canonicalize({ keyring_version: 1, keys: [key] }));
}
