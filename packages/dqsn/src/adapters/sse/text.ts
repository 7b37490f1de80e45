/** One event in the format of Server-Sent Events. */

/** An event; `id` is what a client resumes from. */
export type StreamEvent = Readonly<{ event: string; id?: string; data: object }>;

/** The event as text. JSON has no line breaks, so that nothing in the data can end a line. */
export const eventText = ({ event, id, data }: StreamEvent): string =>
  `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
