import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const TAKEN: readonly unknown[] = ['ENOTEMPTY', 'EEXIST', 'EPERM'];

/**
 * Makes a folder that its owner alone reads, with JSON files of mode 0600. It appears whole by one
 * rename, so of two processes that start together the second keeps what the first has made.
 */
export async function makeKeyFolder(
  folder: string,
  files: Readonly<Record<string, object>>,
): Promise<void> {
  const draft = `${folder}.${randomUUID()}`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(draft, name), `${JSON.stringify(content)}\n`, { mode: 0o600 });
  }
  try {
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = typeof error === 'object' && error !== null && 'code' in error && error.code;
    if (!TAKEN.includes(code)) throw error;
  }
}
