import { channel } from 'node:diagnostics_channel';

/**
 * A named place where a test may make the process fail. Without a subscriber on the channel
 * `yanxiu:fault:<name>` it does nothing.
 */
export function faultPoint(name: string): void {
  const point = channel(`yanxiu:fault:${name}`);
  if (point.hasSubscribers) point.publish(name);
}
