/** Writes events as Server-Sent Events, and reads the ids that come back. */
import type { JsonObject } from "@dgb-shield/contract";
import type { ApiKey } from "../../keys/key.js";
import type { MomentEvent, RecordEvent } from "../../service.js";
import { mayUse } from "../wallets.js";

/** The event of a record, as bytes. */
export type Rendered = Readonly<{ seq: number; wallet_id: string | null; bytes: Buffer }>;

/** Renders the event of a record: its id is its place in the ledger, where a reader goes on after any restart. */
export const renderRecord = (event: RecordEvent, ledgerId: string): Rendered => ({
  seq: event.seq,
  wallet_id: walletIn(event.data),
  bytes: Buffer.from(
    `event: ${word(event.type)}\nid: ${idOf(ledgerId, event.seq)}\ndata: ${JSON.stringify(event)}\n\n`,
  ),
});

/** Renders an event of the moment. It has no id, so that a reader's last id stays that of a record. */
export const renderMoment = ({ at_ms, type, data }: MomentEvent): Buffer =>
  Buffer.from(`event: ${word(type)}\ndata: ${JSON.stringify({ at_ms, type, data })}\n\n`);

/** JSON has no line breaks, so that nothing in the data can end a line; a type is one word. */
const word = (type: string): string => type.replaceAll(/[^\w.-]/g, "_");

/** Names a place in a ledger. */
export const idOf = (ledgerId: string, seq: number): string => `${ledgerId}-${seq}`;

/** Reads the number of an id of a ledger; undefined for an id that is not of this one. */
export function numberOf(id: string | undefined, ledgerId: string): number | undefined {
  const [, of, text] = /^([0-9a-f]{32})-(0|[1-9]\d{0,15})$/.exec(id ?? "") ?? [];
  const number = Number(text);
  return of === ledgerId && Number.isSafeInteger(number) ? number : undefined;
}

/** Finds the wallet of an event; null where it is about none. */
export const walletIn = (data: JsonObject): string | null =>
  typeof data["wallet_id"] === "string" ? data["wallet_id"] : null;

/** A key that is bound to wallets sees events that name one of them, and no other. */
export const isShown = (key: ApiKey, walletId: string | null): boolean =>
  key.wallets === null || (walletId !== null && mayUse(key, walletId));
