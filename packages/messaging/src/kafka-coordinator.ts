/**
 * Resolves when a question to the group's coordinator is answered. A new broker makes the topic of
 * offsets when the first group asks, and kafkajs gives a consumer up for good if that takes longer
 * than its few retries. Rejects with any other fault at once, with this one when the time is up.
 */
export async function untilCoordinated(
  ask: () => Promise<unknown>,
  limitMs: number,
): Promise<void> {
  const limit = performance.now() + limitMs;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      const missing = error instanceof Error && error.name === 'KafkaJSGroupCoordinatorNotFound';
      if (!missing || performance.now() > limit) throw error;
    }
  }
}
