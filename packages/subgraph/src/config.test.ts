import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readKafka } from './config.js';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const KAFKA_BROKERS = 'one:9092, two:9092';

let folder: string;
let ca: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yanxiu-kafka-config-'));
  ca = join(folder, 'ca.pem');
  writeFileSync(ca, PEM);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the settings of Kafka', () => {
  it('are none where no broker is named', () => {
    expect(readKafka({ KAFKA_USERNAME: 'yanxiu-hours' })).toBeNull();
  });

  it('are brokers, a login and a certificate', () => {
    const brokers = ['one:9092', 'two:9092'];
    expect(readKafka({ KAFKA_BROKERS })).toEqual({ brokers });
    const secured = {
      KAFKA_BROKERS,
      KAFKA_USERNAME: 'yanxiu-hours',
      KAFKA_PASSWORD: ' s ',
      KAFKA_CA: ca,
    };
    expect(readKafka(secured)).toEqual({
      brokers,
      login: { username: 'yanxiu-hours', password: ' s ' },
      ca: PEM,
    });
  });

  it('are those of one service where several are given', () => {
    const env = {
      KAFKA_BROKERS,
      KAFKA_USERNAME: 'yanxiu-duty',
      KAFKA_PASSWORD: 'd',
      KAFKA_USERNAME_HOURS: 'yanxiu-hours',
      KAFKA_PASSWORD_HOURS: 'h',
    };
    expect(readKafka(env, 'hours')?.login).toEqual({ username: 'yanxiu-hours', password: 'h' });
    expect(readKafka(env, 'funding')?.login).toEqual({ username: 'yanxiu-duty', password: 'd' });
    expect(readKafka(env)?.login).toEqual({ username: 'yanxiu-duty', password: 'd' });
  });

  it.each([
    [{ KAFKA_USERNAME: 'a' }, 'KAFKA_PASSWORD is missing beside KAFKA_USERNAME'],
    [{ KAFKA_PASSWORD: 'a' }, 'KAFKA_USERNAME is missing beside KAFKA_PASSWORD'],
    [
      { KAFKA_USERNAME: 'a', KAFKA_PASSWORD: 'b', KAFKA_USERNAME_HOURS: 'c' },
      'KAFKA_PASSWORD_HOURS is missing beside KAFKA_USERNAME_HOURS',
    ],
    [{ KAFKA_CA: '/not/there.pem' }, 'KAFKA_CA: ENOENT'],
    [{ KAFKA_CA: fileOf('package.json') }, 'package.json holds no certificate in PEM'],
  ])('are refused as %j', (env, message) => {
    expect(() => readKafka({ KAFKA_BROKERS, ...env }, 'hours')).toThrow(message);
  });
});

function fileOf(name: string): string {
  return join(process.cwd(), name);
}
