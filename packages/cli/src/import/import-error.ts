import { UserError } from '../data-lock.js';
import type { Lang, Text } from './text.js';

/** Why a whole import cannot go on, in both languages; `message` is the English one. */
export class ImportError extends UserError {
  readonly text: Text;

  constructor(zh: string, en: string) {
    super(en);
    this.text = { zh, en };
  }

  in(lang: Lang): string {
    return this.text[lang];
  }
}
