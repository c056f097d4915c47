import type { PersonalTables } from '@yanxiu/subgraph/person/export';

/** Money is kept by unit and project: funding holds nothing about a person. */
export const personal: PersonalTables = { tables: [], oversees: async () => true };
