/** DQSN over NATS JetStream: publish v2 signals, consume them into a network state (design section 4.2: exporters). */
export {
  createSignalConsumer,
  type SignalConsumer,
  type SignalConsumerOptions,
  type StreamPosition,
} from "./consumer.js";
export type { SubjectAuthorize } from "./message.js";
export type { LostSignal } from "./outbox.js";
export {
  createSignalPublisher,
  type PublishResult,
  type SignalPublisher,
  type SignalPublisherOptions,
} from "./publisher.js";
export type { ConsumerStats, PublisherStats } from "./stats.js";
export { type Speaker, speaksAs } from "../shared/speaker.js";
