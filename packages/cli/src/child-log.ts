import { closeSync, mkdirSync, openSync, renameSync, fstatSync, writeSync } from 'node:fs';
import path from 'node:path';

const LIMIT_BYTES = 10_000_000;
const ECHO_COLUMNS = 300;
const WARN = 40;
const ERROR = 50;

/** A log file that is put aside as `.1` when it grows over the limit, replacing the former one. */
export class BoundedFile {
  #handle: number;
  #size: number;

  constructor(
    readonly file: string,
    readonly limit = LIMIT_BYTES,
  ) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    this.#handle = openSync(file, 'a', 0o600);
    this.#size = fstatSync(this.#handle).size;
  }

  write(chunk: Buffer): void {
    if (this.#size > 0 && this.#size + chunk.length > this.limit) this.#turn();
    writeSync(this.#handle, chunk);
    this.#size += chunk.length;
  }

  close(): void {
    closeSync(this.#handle);
  }

  #turn(): void {
    closeSync(this.#handle);
    renameSync(this.file, `${this.file}.1`);
    this.#handle = openSync(this.file, 'w', 0o600);
    this.#size = 0;
  }
}

interface LogLine {
  level?: number;
  msg?: string;
  err?: { message?: string };
}

const shortForm = (line: string): string | undefined => {
  // Most lines are information: they are not worth parsing.
  if (!/"level":[456]0/.test(line)) return undefined;
  try {
    const { level = 0, msg, err } = JSON.parse(line) as LogLine;
    if (level < WARN) return undefined;
    const text = [msg, err?.message !== msg ? err?.message : undefined].filter(Boolean).join(': ');
    return `${level >= ERROR ? 'ERROR' : 'WARN'} ${text}`;
  } catch {
    return undefined;
  }
};

/** Cuts a stream into lines and gives each that a person should see, in short form. */
export const importantLines = (
  plainText: boolean,
  show: (line: string) => void,
): ((chunk: Buffer) => void) => {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(-100_000);
    for (const line of lines) {
      const text = line.startsWith('{') ? shortForm(line) : plainText ? line.trim() : '';
      if (text) show(text.slice(0, ECHO_COLUMNS));
    }
  };
};
