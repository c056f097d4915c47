import { parseArgs } from 'node:util';
import { Field } from './field.js';
import { allAttacks } from './list.js';

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, data: { type: 'string' } },
});

const wanted = allAttacks.filter(
  ({ name }) => values.only?.some((part) => name.includes(part)) ?? true,
);
const field = await Field.open(values.data);
process.once('SIGTERM', () => void field.close().finally(() => process.exit(143)));
let held = 0;
for (const attack of wanted) {
  const before = field.requests;
  try {
    await attack.run(field);
    held += 1;
    console.log(`refused  ${attack.name} (${field.requests - before} requests)`);
  } catch (error) {
    console.log(`!!! NOT AS IT SHOULD BE  ${attack.name}\n    ${String(error)}`);
    if (process.env['DEBUG'] && error instanceof Error) console.log(error.stack);
  }
}
await field.close();
console.log(`attacks refused ${held}/${wanted.length}, in ${field.requests} requests`);
process.exit(held === wanted.length && held > 0 ? 0 : 1);
