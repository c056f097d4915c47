import { existsSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { emptyRecord } from './record.mjs';

export const file = process.env.STORE ?? 'promotion.json';

export async function load() {
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : emptyRecord();
}

/** All or nothing, whenever the process dies: written beside the old one, then put in its place. */
export async function save(record) {
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(record));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
