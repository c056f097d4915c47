import { Counter } from 'prom-client';

export const relayPublished = new Counter({
  name: 'yanxiu_relay_published_total',
  help: 'Events that the relay has handed to the transport and marked.',
});
export const inboxTaken = new Counter({
  name: 'yanxiu_inbox_taken_total',
  help: 'Messages taken by a consumer, by what became of them.',
  labelNames: ['consumer', 'outcome'] as const,
});
export const retries = new Counter({
  name: 'yanxiu_retries_total',
  help: 'Things tried again: the relay after a fault, a batch after a passing one, a held event.',
  labelNames: ['what'] as const,
});
for (const what of ['relay', 'batch', 'held']) retries.inc({ what }, 0);
