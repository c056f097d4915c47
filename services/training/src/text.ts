import { badInput, type Bilingual } from '@yanxiu/subgraph/errors';

/** What people write has to say something, and an event has to carry it. */
const LONGEST = 2_000;

/** Refuses a text that is blank or longer than `longest` characters. */
export function requireText(text: string, what: Bilingual, longest = LONGEST): void {
  if (text.trim() && text.length <= longest) return;
  throw badInput(
    `请填写${what.zh}，不超过 ${longest} 字。`,
    `Give the ${what.en}, in at most ${longest} characters.`,
  );
}

export const REASON: Bilingual = { zh: '原因', en: 'reason' };
