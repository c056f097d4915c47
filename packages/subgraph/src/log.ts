import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** A JSON log on stdout; names that could carry personal data or credentials are cut out. */
export function createLog(name: string, level = 'info'): Logger {
  return pino({
    name,
    level,
    base: { name },
    redact: {
      paths: ['authorization', '*.authorization', 'idNumber', '*.idNumber', 'phone', '*.phone'],
      censor: '[redacted]',
    },
  });
}
