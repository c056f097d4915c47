import { existsSync, readFileSync } from 'node:fs';

/** Milliseconds that a test adds to the clock; read each time, since a test moves it. */
export function clockOffset(file: string | null | undefined): () => number {
  if (!file) return () => 0;
  return () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0);
}
