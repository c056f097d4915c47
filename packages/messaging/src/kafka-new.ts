/** What a broker answers for a while about a group or a topic that is new. */
const NOT_YET: ReadonlySet<unknown> = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
]);

/**
 * Resolves when a question about something new is answered. A new broker makes the topic of
 * offsets when the first group asks, and tells of a new topic once all its parts have heard of it;
 * kafkajs gives up for good if that takes longer than its few retries. Rejects with any other
 * fault at once, with this one when the time is up.
 */
export async function untilKnown(ask: () => Promise<unknown>, limitMs: number): Promise<void> {
  const limit = performance.now() + limitMs;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (!isNotYet(error) || performance.now() > limit) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

const PAUSE_MS = 50;

/** kafkajs names its own errors, gives the broker's a type, and wraps what it has retried. */
function isNotYet(error: unknown): boolean {
  const { name, type, cause } = error as { name?: unknown; type?: unknown; cause?: unknown };
  return NOT_YET.has(name) || NOT_YET.has(type) || (cause instanceof Error && isNotYet(cause));
}
