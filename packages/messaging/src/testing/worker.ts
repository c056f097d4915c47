/**
 * A relay or a consumer as a process of its own, for crash tests: reads one JSON argument and dies
 * by SIGKILL the moment it passes the named fault point for the n-th time.
 */
import { subscribe } from 'node:diagnostics_channel';
import { Consumer } from '../consumer.js';
import { Relay } from '../relay.js';
import {
  effectHandlers,
  environment,
  openDatabase,
  openTransport,
  silent,
  type TransportSpec,
} from './fixture.js';

export interface WorkerArguments {
  role: 'relay' | 'consume';
  databaseUrl: string;
  transport: TransportSpec;
  topic: string;
  fault: string | null;
  /** Dies at this passage of the fault point, counted from 1. */
  passage: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerArguments;

if (options.fault) {
  let passages = 0;
  subscribe(`yanxiu:fault:${options.fault}`, () => {
    passages += 1;
    if (passages === options.passage) process.kill(process.pid, 'SIGKILL');
  });
}

const transport = await openTransport(options.transport);
if (options.role === 'relay') {
  new Relay({ databaseUrl: options.databaseUrl, transport, log: silent }).start();
} else {
  const dataSource = await openDatabase(options.databaseUrl);
  await new Consumer({
    consumer: 'test',
    dataSource,
    handlers: effectHandlers(options.topic),
    environment,
    transport,
    log: silent,
    onFatal: () => process.exit(1),
  }).start();
}
