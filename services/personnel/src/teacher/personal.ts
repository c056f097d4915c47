import { personalKeyring } from '../config.js';
import type { Teacher } from './entity.js';

type SealedColumn = 'name' | 'id_number' | 'phone' | 'birth_date';

/** Bound to its column and row: a sealed value moved elsewhere does not open. */
const contextOf = (column: SealedColumn, id: string): string => `teacher.${column}_sealed ${id}`;

const seal = (column: SealedColumn, id: string, text: string): string =>
  personalKeyring().encrypt(text, contextOf(column, id));

const unseal = (column: SealedColumn, id: string, sealed: string): string =>
  personalKeyring().decrypt(sealed, contextOf(column, id));

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
  idNumberHash: idNumberHash(personal.idNumber),
  phoneSealed: personal.phone === null ? null : seal('phone', id, personal.phone),
  birthDateSealed: seal('birth_date', id, personal.birthDate),
});

export const idNumberHash = (idNumber: string): string => personalKeyring().hash(idNumber);

export const nameOf = ({ id, nameSealed }: Teacher): string => unseal('name', id, nameSealed);

export const idNumberOf = ({ id, idNumberSealed }: Teacher): string =>
  unseal('id_number', id, idNumberSealed);

export const phoneOf = ({ id, phoneSealed }: Teacher): string | null =>
  phoneSealed === null ? null : unseal('phone', id, phoneSealed);
