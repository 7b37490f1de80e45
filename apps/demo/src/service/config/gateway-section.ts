/** Section of the configuration: the gateway in front of a node (design, section 10). */
import { createMethodPolicy, type MethodPolicyConfig } from "@dgb-shield/adn";
import { RPC_METHODS } from "@dgb-shield/chain";
import { isAmount, ShieldError } from "@dgb-shield/contract";
import { type GatewayConfigInput, gatewayConfigSchema } from "@dgb-shield/rpc-gateway";
import { z } from "zod";
import { flag, hostSchema, idField, nothing, whole, word } from "./fields.js";
import { policyField, type PolicyFault } from "./policies.js";

const AMOUNT = 'give coins as a text, such as "0.01"';

/** The method policy as it is written: without the table of methods. */
export type MethodsField = Omit<MethodPolicyConfig, "methods">;

/** Lists what is wrong with a proxy's configuration. Never throws. */
function proxyFaults(value: unknown): readonly PolicyFault[] {
  const { error } = gatewayConfigSchema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => ({
    path: path.map((part) => `/${String(part)}`).join(""),
    remedy: message,
  }));
}

/** Lists the first thing that is wrong with a method policy. Never throws. */
function methodsFaults(value: unknown): readonly PolicyFault[] {
  try {
    createMethodPolicy({ ...(value as MethodsField), methods: [...RPC_METHODS] });
    return [];
  } catch (error) {
    const path = error instanceof ShieldError ? (error.path ?? "") : "";
    const remedy = error instanceof Error ? error.message : "give an object of plain values";
    return [{ path, remedy }];
  }
}

/** The gateway. */
export const gatewayField = z.strictObject({
  host: hostSchema
    .default("127.0.0.1")
    .describe("where it listens; beyond this machine only with private_network"),
  private_network: flag()
    .default(false)
    .describe(
      "whether clients reach it over a network that no one else reads: it serves plain HTTP",
    ),
  port: whole(0, 65_535).default(8481).describe("TCP port; 0: any free one"),
  node: idField
    .optional()
    .describe("node_id of the node that it stands in front of; default: the first"),
  unannounced: word(["decide", "refuse"])
    .default("decide")
    .describe(
      "decide: a payment is evaluated when it is sent; refuse: it was evaluated ahead, and its id is given",
    ),
  wallet_ids: z
    .record(z.string().max(128), idField)
    .default({})
    .describe("wallet ids by the node's wallet names"),
  default_wallet_id: idField
    .default("hot")
    .describe("wallet id of the node's other wallets, and of raw transactions"),
  fee_reserve: z
    .string(AMOUNT)
    .refine(isAmount, AMOUNT)
    .default("0.01")
    .describe("coins that are reserved for a network fee that is not known before"),
  behaviour_score: z
    .number("give a number from 0")
    .min(0)
    .max(1_000)
    .default(1)
    .describe("stated of every payment: 1 is usual behaviour"),
  trusted_device: flag().default(true).describe("stated of every payment: the client is known"),
  evacuation_approvals: whole(1, 16)
    .default(2)
    .describe("approvers of a payment to own destinations under a lockdown"),
  proxy: policyField<GatewayConfigInput>(proxyFaults).describe(
    "clients, hosts, own destinations, limits: see the gateway's document",
  ),
  methods: policyField<MethodsField>(methodsFaults)
    .prefault(nothing)
    .describe("add_methods, key_export, rates: see the gateway's document"),
});
