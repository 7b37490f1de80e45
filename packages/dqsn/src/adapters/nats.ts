/** DQSN over NATS JetStream: publish v2 signals, consume them into a network state (design section 4.2). */
export {
  createSignalConsumer,
  type SignalConsumer,
  type SignalConsumerOptions,
  type StreamPosition,
} from "./nats/consumer.js";
export type { SubjectAuthorize } from "./nats/message.js";
export type { LostSignal } from "./nats/outbox.js";
export {
  createSignalPublisher,
  type PublishResult,
  type SignalPublisher,
  type SignalPublisherOptions,
} from "./nats/publisher.js";
export type { ConsumerStats, PublisherStats } from "./nats/stats.js";
export { type Speaker, speaksAs } from "./speaker.js";
