/** Statistics of the JetStream publisher and consumer, plain numbers for metrics (design section 4.2). */

/** What a publisher has done so far; `connected`, `closed` and `buffered` are now. */
export type PublisherStats = Readonly<{
  connected: boolean;
  /** The connection has ended for good: nothing more will be sent. */
  closed: boolean;
  buffered: number;
  published: number;
  /** Of `published`, those that the stream had already. */
  duplicates: number;
  /** Dropped because the buffer was full, the oldest first. */
  dropped: number;
  /** Tries that were not acknowledged; each is repeated. */
  failures: number;
}>;

/** What a consumer has done so far; `connected`, `position` and `pending` are now. */
export type ConsumerStats = Readonly<{
  connected: boolean;
  /** Stream sequence up to which every message has been applied or counted as refused. */
  position: number;
  /** Messages of the stream not read yet, as of the last message. */
  pending: number;
  accepted: number;
  malformed: number;
  unauthorized: number;
  refused: number;
  /** Times that reading began anew after a failure. */
  restarts: number;
}>;
