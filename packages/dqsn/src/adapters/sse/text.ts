/** Writes one event in the format of Server-Sent Events. */

/** An event; `id` is what a client resumes from. */
export type StreamEvent = Readonly<{ event: string; id?: string; data: object }>;

/** The event as bytes. JSON has no line breaks, so that nothing in the data can end a line. */
export const eventBytes = ({ event, id, data }: StreamEvent): Buffer =>
  Buffer.from(
    `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
  );

/** Bytes that a waiting event costs beside its own: its place in the queues of stream and socket. */
const OVERHEAD_BYTES = 512;

/** What an event is charged while it is kept or waits. */
export const costOf = (bytes: Buffer): number => bytes.length + OVERHEAD_BYTES;
