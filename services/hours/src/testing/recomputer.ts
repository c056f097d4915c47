/**
 * Works off publications as a process of its own, for crash tests: reads one JSON argument and dies
 * by SIGKILL at the n-th batch of teachers, before it commits.
 */
import { subscribe } from 'node:diagnostics_channel';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { recomputeAll } from '../recomputation/job.js';

export interface RecomputerArguments {
  databaseUrl: string;
  batch: number;
  diesAt: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as RecomputerArguments;
let batches = 0;
subscribe('yanxiu:fault:recomputation.before-commit', () => {
  batches += 1;
  if (batches === options.diesAt) process.kill(process.pid, 'SIGKILL');
});

const db = asSystem(await connectDatabase({ url: options.databaseUrl, entities: [] }));
await recomputeAll(db, systemEnvironment(), options.batch);
await db.destroy();
