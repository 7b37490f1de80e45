/**
 * Keeps evacuations from before they are sent until they are recorded: the ledger reserves nothing for them, so that a crash in between would
 * leave no trace (decision 44).
 */
import { parseStrictJson } from "@dgb-shield/contract";
import { z } from "zod";
import { createStateFile } from "../pipeline/index.js";

/** Evacuations at a time, at most. */
const MAX_OPEN = 1_000;

const evacuationSchema = z.strictObject({
  payment_id: z.string().min(1).max(128),
  /** Name of the node's wallet that pays. */
  wallet: z.string().nullable(),
  /** Wall clock, milliseconds since 1970. */
  at_ms: z.int().min(0),
  /** Where it is known before it is sent. */
  txid: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Scripts, and amounts in base units, in their order. */
  payouts: z.array(
    z.strictObject({
      script: z.string(),
      address: z.string().nullable(),
      amount: z.string().regex(/^\d{1,20}$/),
    }),
  ),
});
/** An evacuation that was allowed and is neither recorded nor known not to be sent. */
export type Evacuation = Readonly<z.infer<typeof evacuationSchema>>;

const fileSchema = z.array(evacuationSchema).max(MAX_OPEN);

/** The evacuations of one data folder. */
export type Evacuations = Readonly<{
  /**
   * Keeps one before it is sent.
   *
   * @returns false where the same one is kept already, by whatever process: it may have been sent
   * @throws Error where it may not have reached the disk: it must not be sent then
   */
  begin(evacuation: Evacuation): boolean;
  /** Forgets one that was recorded, or was not sent. */
  end(paymentId: string): void;
  of(paymentId: string): Evacuation | undefined;
  all(): readonly Evacuation[];
}>;

/**
 * Opens the file. It is read at each call, so that several processes of one folder see each other's.
 *
 * @param path of the file; one that is missing is an empty one
 * @throws Error where it cannot be read: what was sent would not be known
 */
export function openEvacuations(path: string): Evacuations {
  const file = createStateFile(path);
  const all = (): readonly Evacuation[] => {
    const text = file.load();
    if (text === null) return [];
    const { success, data } = fileSchema.safeParse(parsed(text));
    if (success) return data;
    throw new Error(
      `${path} cannot be read, and evacuations in it may have been sent: look for them in the wallet, record them, then remove the file`,
    );
  };
  const save = (list: readonly Evacuation[]): void => {
    // It is written at once.
    void file.save(`${JSON.stringify(list)}\n`);
  };
  all();
  return Object.freeze({
    begin(evacuation) {
      const open = all();
      if (open.some(({ payment_id }) => payment_id === evacuation.payment_id)) return false;
      if (open.length >= MAX_OPEN) throw new Error(`${path} is full`);
      save([...open, evacuation]);
      return true;
    },
    end(paymentId) {
      const open = all();
      const left = open.filter((one) => one.payment_id !== paymentId);
      if (left.length < open.length) save(left);
    },
    of: (paymentId) => all().find((one) => one.payment_id === paymentId),
    all,
  } satisfies Evacuations);
}

function parsed(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch {
    return undefined;
  }
}
