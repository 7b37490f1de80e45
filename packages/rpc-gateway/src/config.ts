/** Configuration of a gateway: plain data, checked as a whole before anything starts. */
import { amountSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { PAYMENT_ID_SOURCES } from "./spend/payment-id.js";

const name = z
  .string()
  .regex(/^[a-zA-Z0-9_.-]{1,64}$/, { error: "not 1 to 64 of a-z A-Z 0-9 _ . -" });

const walletName = z
  .string()
  .max(128)
  .regex(/^[^\u0000-\u001f\u007f/\\]*$/, {
    error: "has a slash, a backslash or a control character",
  });

/** A client: a program that calls the gateway with credentials of its own. */
const clientSchema = z.strictObject({
  /** In records and logs; its user name in Basic authentication too. */
  name,
  /** `<salt>:<SHA-256 of salt, colon and password>`, hexadecimal, of a generated password. */
  password_sha256: z.string().regex(/^[0-9a-f]{32}:[0-9a-f]{64}$/, {
    error: "not <32 digits>:<64 digits> of lower-case hexadecimal",
  }),
  /** A role of the method policy. */
  role: name,
  /** Wallets that it may use; the first one is used where its requests name none. */
  wallets: z.array(walletName).max(64).default([]),
  payment_id_from: z.enum(PAYMENT_ID_SOURCES).default("header"),
});
/** A client. */
export type GatewayClient = z.infer<typeof clientSchema>;

/** A destination of the site's own. */
const internalSchema = z.strictObject({
  /** Its class, such as `cold`. */
  class: name,
  /** An address of the chain. */
  address: z.string().min(1).max(128),
});

const index = z.int().min(0).max(0x7fff_ffff);

/** Descriptors that prove the change of one wallet. */
const ownSchema = z.strictObject({
  /** Wallet at the node, of a client. */
  wallet: walletName,
  /** Public ones with their checksums, each with the range that counts: 0 to 999 unless stated. */
  descriptors: z
    .array(
      z.strictObject({
        desc: z
          .string()
          .max(4_096)
          .regex(/#[a-z0-9]{8}$/, {
            error: "it has no checksum: take the descriptor from getdescriptorinfo of a node",
          }),
        range: z.tuple([index, index]).optional(),
      }),
    )
    .min(1)
    .max(64),
});

/** What a lockdown's cause lets through to own destinations. */
const evacuationSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  z.array(name).max(64),
);

/** Bounds, each with its default. */
const limitsSchema = z.strictObject({
  max_body_bytes: z.int().min(1_024).max(67_108_864).default(2_097_152),
  max_batch: z.int().min(1).max(10_000).default(100),
  /** From the first byte of a request to its last. */
  body_timeout_ms: z.int().min(100).max(600_000).default(30_000),
  max_connections: z.int().min(1).max(65_535).default(256),
  /** Calls at the node at once; it has 4 threads unless configured otherwise, and others call it too. */
  max_at_node: z.int().min(1).max(1_024).default(4),
  max_at_node_per_client: z.int().min(1).max(1_024).default(2),
  max_waiting_per_client: z.int().min(0).max(100_000).default(64),
  /** For one call, in milliseconds. */
  node_timeout_ms: z.int().min(100).max(3_600_000).default(60_000),
  max_unlock_seconds: z.int().min(0).max(100_000_000).default(60),
  /** Highest fee of one transaction that a client brings, has signed or has bumped, in coins. */
  max_fee: amountSchema.default("0.1"),
  /** Base units for a virtual byte; default by the chain: 10,000 on DigiByte, 1,000 elsewhere. */
  max_fee_rate: z.number().positive().max(1_000_000).optional(),
});

/** How payments are settled whose outcome is unknown. */
const settlementSchema = z.strictObject({
  interval_ms: z.int().min(100).max(3_600_000).default(10_000),
  /** Blocks that the node must have seen after its restart before a payment that it lacks counts as not executed. */
  release_after_blocks: z.int().min(0).max(10_000).default(6),
  /** Transactions of a wallet that are searched at most. */
  max_transactions: z.int().min(100).max(10_000_000).default(100_000),
});

const isUsed = (wallet: string, clients: readonly GatewayClient[]): boolean =>
  clients.some(({ wallets }) => wallets.includes(wallet));

/** A gateway. */
export const gatewayConfigSchema = z
  .strictObject({
    clients: z.array(clientSchema).min(1).max(1_000),
    /** Names in the `Host` header under which the gateway is reached. */
    hosts: z.array(z.string().min(1).max(255)).default(["127.0.0.1", "localhost", "[::1]"]),
    internal: z.array(internalSchema).max(10_000).default([]),
    own: z.array(ownSchema).max(64).default([]),
    evacuation: evacuationSchema.default({}),
    limits: limitsSchema.prefault({}),
    settlement: settlementSchema.prefault({}),
  })
  .refine(({ clients }) => new Set(clients.map((one) => one.name)).size === clients.length, {
    path: ["clients"],
    error: "two clients have one name",
  })
  .refine(({ own }) => new Set(own.map((one) => one.wallet)).size === own.length, {
    path: ["own"],
    error: "a wallet is there twice: give all of its descriptors at one place",
  })
  .refine(({ own, clients }) => own.every((one) => isUsed(one.wallet, clients)), {
    path: ["own"],
    error: "no client pays from this wallet: name a wallet of clients",
  });
/** A gateway, all defaults set. */
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
/** A gateway as it is written. */
export type GatewayConfigInput = z.input<typeof gatewayConfigSchema>;
