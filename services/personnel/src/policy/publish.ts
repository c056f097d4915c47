import { policyPublished } from '@yanxiu/contracts/personnel';
import { fits } from '@yanxiu/registry/policy-value';
import type { CommandTx } from '@yanxiu/subgraph/command';
import { enforce } from '@yanxiu/subgraph/decision';
import { highestVersion, lockKey } from './queries.js';

/** What a version says, before it has a number. */
export interface NewVersion {
  key: string;
  value: unknown;
  validFrom: string;
  validTo: string | null;
  scopeCode: string | null;
  instrument: string;
  article: string;
  quotation: string;
}

/** Saves and tells the next version of a parameter; its number. */
export async function saveVersion(tx: CommandTx, version: NewVersion): Promise<number> {
  const { manager, now } = tx;
  const { key, value, validFrom, validTo, scopeCode, instrument, article, quotation } = version;
  const { unit, rules } = enforce(fits(key, value));
  // One publication of a key at a time, so that versions have no gaps.
  await lockKey(manager, key);
  const number = (await highestVersion(manager, key)) + 1;
  const publishedAt = now.toISOString();
  await manager.query(
    `INSERT INTO policy (key, version, value, unit, valid_from, valid_to, scope_code, rules,
                         instrument, article, quotation, published_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    // As text: the driver would send null as SQL NULL and a list as a Postgres array.
    [key, number, JSON.stringify(value), unit, validFrom, validTo, scopeCode, rules]
      .concat([instrument, article, quotation])
      .concat([publishedAt]),
  );
  await tx.emit(policyPublished, key, {
    ...{ key, version: number, value, unit, validFrom, validTo, scopeCode, rules: [...rules] },
    ...{ instrument, article, quotation, publishedAt },
  });
  return number;
}
