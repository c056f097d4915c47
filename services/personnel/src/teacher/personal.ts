import type { KeyedHash } from '@yanxiu/subgraph/keyring';
import { personalKeyring } from '../config.js';
import type { Teacher } from './entity.js';
import { maskNumber } from './mask.js';

const SEALED_COLUMNS = ['name', 'id_number', 'phone', 'birth_date'] as const;
type SealedColumn = (typeof SEALED_COLUMNS)[number];

/** Bound to its column and row: a sealed value moved elsewhere does not open. */
export const contextOf = (column: string, id: string): string => `teacher.${column} ${id}`;

const seal = (column: SealedColumn, id: string, text: string): string =>
  personalKeyring().encrypt(text, contextOf(`${column}_sealed`, id));

const unseal = (column: SealedColumn, id: string, sealed: string | null): string | null =>
  sealed === null ? null : personalKeyring().decrypt(sealed, contextOf(`${column}_sealed`, id));

export interface Personal {
  name: string;
  idNumber: string;
  phone: string | null;
  birthDate: string;
}

/** The columns of `teacher` that hold personal data. */
export const sealPersonal = (id: string, personal: Personal) => ({
  nameSealed: seal('name', id, personal.name),
  idNumberSealed: seal('id_number', id, personal.idNumber),
  phoneSealed: personal.phone === null ? null : seal('phone', id, personal.phone),
  birthDateSealed: seal('birth_date', id, personal.birthDate),
});

/** What an ID number is stored and found by: one hash for each hash key there is. */
export const idNumberHashes = (idNumber: string): KeyedHash[] => personalKeyring().hashes(idNumber);

/** Null after an erasure, as are the two below. */
export const nameOf = ({ id, nameSealed }: Teacher): string | null =>
  unseal('name', id, nameSealed);

export const idNumberOf = ({ id, idNumberSealed }: Teacher): string | null =>
  unseal('id_number', id, idNumberSealed);

export const phoneOf = ({ id, phoneSealed }: Teacher): string | null =>
  unseal('phone', id, phoneSealed);

/**
 * What the sealed columns of a teacher's row say: to the person herself in full. To an officer who
 * asks on her behalf the number is masked, since it leaves in full by revealIdNumber alone, and so
 * is what else she may not read.
 */
export function openedColumns(
  row: Readonly<Record<string, unknown>>,
  herself: boolean,
): Record<string, unknown> {
  const opened = (name: SealedColumn): string | null => {
    const sealed = row[`${name}_sealed`];
    const text = unseal(name, String(row['id']), typeof sealed === 'string' ? sealed : null);
    return herself || text === null ? text : MASKS[name](text);
  };
  return Object.fromEntries(SEALED_COLUMNS.map((name) => [name, opened(name)]));
}

const MASKS: Readonly<Record<SealedColumn, (text: string) => string>> = {
  name: (text) => text,
  id_number: maskNumber,
  phone: maskNumber,
  birth_date: () => '****-**-**',
};
