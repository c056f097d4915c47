import type { KeyedHash } from '@yanxiu/subgraph/keyring';
import { personalKeyring } from '../config.js';
import type { Teacher } from './entity.js';

type SealedColumn = 'name' | 'id_number' | 'phone' | 'birth_date';

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

/** The row of a teacher as the database names its columns. */
export interface SealedColumns {
  id: string;
  name_sealed: string | null;
  id_number_sealed: string | null;
  phone_sealed: string | null;
  birth_date_sealed: string | null;
}

/** What a row's sealed columns say, for the person herself. */
export const openedColumns = (row: SealedColumns) => ({
  name: unseal('name', row.id, row.name_sealed),
  id_number: unseal('id_number', row.id, row.id_number_sealed),
  phone: unseal('phone', row.id, row.phone_sealed),
  birth_date: unseal('birth_date', row.id, row.birth_date_sealed),
});
