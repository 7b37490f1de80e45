/** Writes events as Server-Sent Events. */
import type { JsonObject } from "@dgb-shield/contract";
import type { LedgerIdentity } from "@dgb-shield/wallet-guardian";
import type { ApiKey } from "../../keys/key.js";
import type { MomentEvent, RecordEvent } from "../../service.js";
import { placeText } from "../../runtime/places/place.js";
import { mayUse } from "../wallets.js";

/** The event of a record, as bytes. */
export type Rendered = Readonly<{ seq: number; wallet_id: string | null; bytes: Buffer }>;

/** Renders the event of a record: its id is its place, where a reader goes on after any restart. */
export function renderRecord({ mark, ...event }: RecordEvent, of: LedgerIdentity): Rendered {
  const { seq } = event;
  const id = placeText({ ...of, seq, mark });
  const text = `event: ${word(event.type)}\nid: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
  return { seq, wallet_id: walletIn(event.data), bytes: Buffer.from(text) };
}

/** Renders an event of the moment. It has no id, so that a reader's last id stays that of a record. */
export const renderMoment = ({ at_ms, type, data }: MomentEvent): Buffer =>
  Buffer.from(`event: ${word(type)}\ndata: ${JSON.stringify({ at_ms, type, data })}\n\n`);

/** JSON has no line breaks, so that nothing in the data can end a line; a type is one word. */
const word = (type: string): string => type.replaceAll(/[^\w.-]/g, "_");

/** Finds the wallet of an event; null where it is about none. */
export const walletIn = (data: JsonObject): string | null =>
  typeof data["wallet_id"] === "string" ? data["wallet_id"] : null;

/** A key that is bound to wallets sees events that name one of them, and no other. */
export const isShown = (key: ApiKey, walletId: string | null): boolean =>
  key.wallets === null || (walletId !== null && mayUse(key, walletId));
