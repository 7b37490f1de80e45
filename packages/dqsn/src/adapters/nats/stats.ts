/** Statistics of the JetStream publisher and consumer, plain numbers for metrics (design section 4.2: exporters). */

/** Counters of a publisher; `connected`, `closed` and the buffer are current. */
export type PublisherStats = Readonly<{
  /** The connection stands, and the last try was answered. */
  connected: boolean;
  /** The connection has ended for good: nothing more will be sent. */
  closed: boolean;
  buffered: number;
  bufferedBytes: number;
  published: number;
  /** Of `published`, those that an earlier try had stored already. */
  duplicates: number;
  /** First tries that were answered as duplicates: the id was taken, and the signal is sent under another. */
  collisions: number;
  /** Dropped because the buffer was full, the oldest first. */
  dropped: number;
  /** Set aside because the stream refuses them. */
  setAside: number;
  /** Tries that stored nothing; each is repeated until its signal is dropped or set aside. */
  failures: number;
}>;

/** Counters of a consumer; `connected`, `clockSkewMs`, `position` and `pending` are current. */
export type ConsumerStats = Readonly<{
  /** It reads, and the server has answered within the last two probes. */
  connected: boolean;
  /**
   * Own clock minus the server's in milliseconds, as of the last minute: negative where the own clock is
   * slow. Undefined until it has been measured.
   */
  clockSkewMs: number | undefined;
  /** Stream sequence up to which every message has been applied or counted. */
  position: number;
  /** Messages of the stream not read yet, as of the last message. */
  pending: number;
  accepted: number;
  malformed: number;
  unauthorized: number;
  refused: number;
  /** Messages that could not be applied for a failure of this process, and were skipped after some tries. */
  failed: number;
  /** Times that reading began anew after a failure. */
  restarts: number;
}>;
