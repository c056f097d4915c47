// For the self-test: takes one guard out of the processes under test, from outside, so that the
// product has no switch for it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { Inbox } from '../../../packages/messaging/dist/inbox.js';

const name = readFileSync(join(process.env.YANXIU_FAULTS, 'mutant'), 'utf8').trim();
let database;

/** Before a message is taken, its key's mark is put where `mark` says. */
function moveMarks(consumer, mark) {
  const initialize = DataSource.prototype.initialize;
  DataSource.prototype.initialize = function () {
    database = this;
    return initialize.call(this);
  };
  Inbox.prototype.takeBatch = async function (messages) {
    const outcomes = [];
    for (const message of messages) {
      const event = parse(message.value);
      if (event?.aggregateversion) {
        await database.query(
          `INSERT INTO inbox AS i (consumer, topic, key, version) VALUES ($1, $2, $3, $4)
           ON CONFLICT (consumer, topic, key) DO UPDATE SET version = ${mark}`,
          [consumer, message.topic, event.subject, event.aggregateversion - 1],
        );
      }
      outcomes.push(await this.take(message));
    }
    return outcomes;
  };
}

function parse(value) {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** Marks as published what is only about to be sent. */
function markBeforeSending() {
  const query = pg.Client.prototype.query;
  pg.Client.prototype.query = function (config, ...rest) {
    const done = query.call(this, config, ...rest);
    if (config?.name !== 'relay-pending') return done;
    return done.then(async (result) => {
      const seqs = result.rows.map((row) => row.seq);
      const mark = 'UPDATE outbox SET published_at = now() WHERE seq = ANY($1::bigint[])';
      if (seqs.length > 0) await query.call(this, mark, [seqs]);
      return result;
    });
  };
}

const service = /services\/(\w+)\//.exec(process.argv[1])?.[1];
// The province is loaded soundly: the guard is out once there is a fault to guard against.
const seeding = process.argv.some((word) => /\bseed\b/.test(word));
if (service !== undefined && !seeding && existsSync(process.argv[1])) {
  if (name === 'inbox') moveMarks(service, 'excluded.version');
  else if (name === 'order') moveMarks(service, 'greatest(i.version, excluded.version)');
  else if (name === 'published') markBeforeSending();
  else throw new Error(`there is no mutant ${name}`);
}
