import type { AclEntry, Kafka } from 'kafkajs';
import type { Service } from '@yanxiu/contracts/topic-access';

/** Principal of the tools of whoever is on duty. */
export const DUTY: string;
/** A service's principal at Kafka. */
export function principalOf(service: Service): string;
/** Everything that is allowed; `readers`: downstream, name → topics. */
export function acls(readers?: Readonly<Record<string, readonly string[]>>): AclEntry[];
/** The same for `kafka-acls.sh`, a line each. */
export function commands(entries: readonly AclEntry[]): string[];
/** Makes the topics and brings the principals' rights to what is asked; how many changed. */
export function applyAcls(
  kafka: Kafka,
  entries: readonly AclEntry[],
): Promise<{ topics: number; allowed: number; removed: number }>;
