import { contractOf } from '@yanxiu/contracts/catalogue';
import type { Contract } from '@yanxiu/contracts/contract';
import { EnvelopeError, type Envelope } from '@yanxiu/contracts/envelope';

/**
 * Refuses an event that is not of its topic's owner, or of a type that belongs to another topic:
 * whatever let it in, nobody acts on it and its key's numbers stay as they are.
 *
 * @param subscribed the contract by which the type is acted on here, where it is.
 */
export function assertOrigin(
  topic: string,
  { source, type }: Envelope,
  subscribed: Contract | undefined,
): void {
  const owner = `/yanxiu/${topic.split('.')[0]}`;
  if (source !== owner) {
    throw new EnvelopeError('WRONG_ORIGIN', `${topic} is written by ${owner}, not by ${source}`);
  }
  const contract = subscribed ?? contractOf(type);
  if (contract && contract.topic !== topic) {
    throw new EnvelopeError('WRONG_ORIGIN', `${type} belongs to ${contract.topic}, not ${topic}`);
  }
}
