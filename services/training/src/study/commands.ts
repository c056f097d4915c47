import { acting } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { permit } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import type { RecordStudyInput } from '../generated/graphql.js';
import { requireText } from '../text.js';
import { StudyRecord } from './entity.js';
import { may } from './rules.js';

/** Records a study of training work (STUDY-ANNUAL). */
export async function recordStudy(
  context: Context,
  input: RecordStudyInput & { id?: string },
): Promise<{ studyRecordId: string }> {
  return command(context, 'study.record', input, async (tx) => {
    permit(may(await acting(tx), 'record', input));
    if (Number(input.date.slice(0, 4)) !== input.year) {
      throw badInput(
        `日期 ${input.date} 不在 ${input.year} 年内。`,
        `The date ${input.date} does not lie in ${input.year}.`,
      );
    }
    if (input.date > localDate(tx.now)) {
      throw badInput(
        '研究日期不能晚于今天。',
        'The study lies in the future: record it once held.',
      );
    }
    const { unitCode, year, date, topic } = input;
    requireText(topic, { zh: '研究主题', en: 'topic' });
    const id = input.id ?? tx.newId();
    const recordedAt = tx.now;
    await tx.manager.insert(StudyRecord, { id, unitCode, year, date, topic, recordedAt });
    tx.subject('StudyRecord', id);
    return { studyRecordId: id };
  });
}
