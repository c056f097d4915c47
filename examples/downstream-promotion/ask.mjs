/** node ask.mjs TEACHER-ID YEAR */
import { answer } from './record.mjs';
import { load } from './store.mjs';

const [teacherId, year] = process.argv.slice(2);
if (!teacherId || !/^\d{4}$/.test(year ?? '')) {
  console.error('usage: node ask.mjs TEACHER-ID YEAR');
  process.exit(2);
}
console.log(JSON.stringify(answer(await load(), teacherId, Number(year)), null, 2));
