// npm run bench:events -- [--part latency,relay,consumer,growth] [--rounds 5] [--quick]
import '../production.js';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { consumer } from './consumer.js';
import { growth } from './growth.js';
import { latency } from './latency.js';
import { relay } from './relay.js';
import { openSetting, type Setting } from './setting.js';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'latency,relay,consumer,growth' },
    rounds: { type: 'string', default: '5' },
    /** A tenth of everything: to see that it works, not for figures. */
    quick: { type: 'boolean', default: false },
  },
});

const rounds = Number(values.rounds);
const scale = values.quick ? 0.1 : 1;
const sizes = [10_000, 500_000, 2_000_000].map((size) => size * scale);
const parts: Record<string, (setting: Setting) => Promise<string>> = {
  latency: (setting) => latency(setting, { rounds, count: 1_000 * scale, perSecond: 100 }),
  relay: (setting) => relay(setting, { rounds, rows: 100_000 * scale, writesPerSecond: 200 }),
  consumer: (setting) => consumer(setting, { rounds, events: 100_000 * scale }),
  growth: (setting) => growth(setting, { rounds, sizes, events: 4_000 * scale }),
};

const wanted = values.part.split(',');
const unknown = wanted.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`no part "${unknown}"; parts: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
const day = new Date().toISOString().slice(0, 10);
const again = ['npm run bench:events --', ...process.argv.slice(2)].join(' ');
console.log(`${again}
${day}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model})`);
const setting = await openSetting();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void setting.stop().finally(() => process.exit(1)));
}
try {
  for (const name of wanted) {
    const before = loadavg()[0];
    const figures = await parts[name]?.(setting);
    console.log(`\n${figures}\nload average ${before?.toFixed(1)} – ${loadavg()[0]?.toFixed(1)}`);
  }
} finally {
  await setting.stop();
}
