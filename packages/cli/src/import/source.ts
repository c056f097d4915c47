import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ImportError } from './import-error.js';
import { checkWorkbook } from './workbook-check.js';

export const MAX_BYTES = 50 * 1024 * 1024;

/** A roster's bytes, known to be of their kind. */
export interface Source {
  name: string;
  kind: 'xlsx' | 'csv';
  bytes: Buffer;
  /** SHA-256 of the bytes. */
  hash: string;
}

/** Reads a file, or says why it is no roster that we can read. */
export const readSource = async (file: string): Promise<Source> => {
  const bytes = await readBounded(file);
  const name = path.basename(file);
  const kind = kindOf(path.extname(file).toLowerCase(), bytes);
  if (kind === 'xlsx') await checkWorkbook(bytes);
  return { name, kind, bytes, hash: createHash('sha256').update(bytes).digest('hex') };
};

const readBounded = async (file: string): Promise<Buffer> => {
  const info = await stat(file).catch(() => null);
  if (!info?.isFile()) throw new ImportError(`没有文件 ${file}。`, `there is no file ${file}`);
  if (info.size > MAX_BYTES) {
    throw new ImportError(
      '文件超过 50 MB，请拆分后分别导入。',
      'the file is larger than 50 MB: split it and import the parts',
    );
  }
  if (info.size === 0) throw new ImportError('文件是空的。', 'the file is empty');
  return readFile(file);
};

const kindOf = (extension: string, bytes: Buffer): Source['kind'] => {
  if (bytes.subarray(0, 4).equals(Buffer.from('d0cf11e0', 'hex'))) throw oldOrLocked(bytes);
  if (bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04') return 'xlsx';
  if (extension === '.xlsx') {
    throw new ImportError(
      '这不是 .xlsx 文件（不是 zip 压缩包）；若是文本请改用扩展名 .csv。',
      'this is no .xlsx file (it is not a zip); if it is text, name it .csv',
    );
  }
  if (extension === '.csv') return 'csv';
  throw new ImportError(
    `不支持 ${extension || '无扩展名的'} 文件，请另存为 .xlsx 或 .csv。`,
    `cannot read ${extension || 'a file without extension'}: save it as .xlsx or .csv`,
  );
};

/** Excel wraps an encrypted workbook into the same container as its format before 2007. */
const oldOrLocked = (bytes: Buffer): ImportError =>
  bytes.includes(Buffer.from('EncryptedPackage', 'utf16le'))
    ? new ImportError(
        '文件有密码保护，请去掉密码后另存再导入。',
        'the file is protected by a password: save it without one',
      )
    : new ImportError(
        '这是旧版 Excel（.xls）文件，请另存为 .xlsx。',
        'this is an old Excel file (.xls): save it as .xlsx',
      );
