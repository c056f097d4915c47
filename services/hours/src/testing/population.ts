import type { ParticipationCompleted } from '@yanxiu/contracts/training';
import {
  OTHER_SCHOOL,
  SCHOOL,
  complete,
  days,
  hire,
  participation,
  session,
  type Province,
} from './province.js';

const LEVELS = ['NATIONAL', 'CITY', 'COUNTY', 'SCHOOL'] as const;

/** Forty teachers of all kinds; training of many lengths, some of it missed, some overlapping. */
export async function populate(province: Province): Promise<string[]> {
  const ids: string[] = [];
  const units = [
    ...Array.from({ length: 14 }, () => ({ unitCode: SCHOOL })),
    ...Array.from({ length: 14 }, () => ({ unitCode: OTHER_SCHOOL })),
    ...Array.from({ length: 8 }, () => ({ unitCode: '140400901', sector: 'VOCATIONAL' as const })),
    ...Array.from({ length: 4 }, () => ({ unitCode: '140000801', sector: 'HIGHER' as const })),
  ];
  for (const [index, unit] of units.entries()) {
    const hiredOn = index % 9 === 8 ? '2025-09-01' : '2020-09-01';
    const teacherId = await hire(province, { ...unit, hiredOn });
    ids.push(teacherId);
    if (index % 7 === 6) continue;
    const { unitCode } = unit;
    const level = LEVELS[index % LEVELS.length] as ParticipationCompleted['level'];
    const attended = index % 5 === 4 ? 300 : 360;
    const [start, length] = ['2025-10-09', 8 + (index % 5)];
    await complete(
      province,
      participation(teacherId, days(start, length, 360, attended), { unitCode, level }),
    );
    const more = [session('2025-10-09T10:00', 240), session('2025-12-01T19:00', 90)];
    await complete(province, participation(teacherId, more, { unitCode, level: 'SCHOOL' }));
  }
  return ids;
}
