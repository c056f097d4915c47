import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { Ajv } from 'ajv';
import { Registry, collectDefaultMetrics, register } from 'prom-client';
import { parse } from 'yaml';
import { measureEvents } from '@yanxiu/messaging/event-metrics';
import '@yanxiu/messaging/metrics';

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  annotations: { summary: string; action: string; runbook: string };
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string): string => readFileSync(root + name, 'utf8');
const file = parse(read('infra/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = file.groups.flatMap((group) => group.rules);

/** As Prometheus reads a file of rules, and what we want of an alert besides. */
const SHAPE = {
  type: 'object',
  required: ['groups'],
  additionalProperties: false,
  properties: {
    groups: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'rules'],
        additionalProperties: false,
        properties: {
          name: { type: 'string' },
          rules: {
            type: 'array',
            items: {
              type: 'object',
              required: ['alert', 'expr', 'labels', 'annotations'],
              additionalProperties: false,
              properties: {
                alert: { type: 'string', pattern: '^Yanxiu[A-Za-z]+$' },
                expr: { type: 'string' },
                for: { type: 'string', pattern: '^\\d+[smh]$' },
                labels: {
                  type: 'object',
                  required: ['severity'],
                  properties: { severity: { enum: ['page', 'ticket'] } },
                },
                annotations: {
                  type: 'object',
                  required: ['summary', 'action', 'runbook'],
                  additionalProperties: { type: 'string', minLength: 20 },
                },
              },
            },
          },
        },
      },
    },
  },
};

/** Names of the metrics in an expression; throws where it is no PromQL. */
function metricsOf(expr: string): string[] {
  const names: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expr}`);
      if (type.name === 'VectorSelector') {
        names.push(/^[a-zA-Z_:][\w:]*/.exec(expr.slice(from, to))?.[0] ?? '');
      }
    },
  });
  return names;
}

/** What our processes expose, by name, and `up`, which is Prometheus's own. */
async function exposed(): Promise<ReadonlySet<string>> {
  const events = new Registry();
  measureEvents({
    ...{ consumer: 'x', topics: ['x'], log: { warn: () => undefined } as never },
    ...{ dataSource: {} as never, transport: {} as never, registry: events },
  });
  const node = new Registry();
  collectDefaultMetrics({ register: node });
  const registries = [events, node, register];
  const names = registries.flatMap((one) => one.getMetricsAsArray().map(({ name }) => name));
  return new Set(['up', ...names]);
}

describe('the alert rules', () => {
  it('have the shape that Prometheus reads, and say what to do', () => {
    const validate = new Ajv({ strict: false }).compile(SHAPE);
    validate(file);
    expect(validate.errors).toBeNull();
  });

  it.each(rules.map(({ alert, expr }) => [alert, expr]))(
    '%s asks for metrics that exist',
    async (_alert, expr) => {
      const names = metricsOf(expr);
      const known = await exposed();
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it('are each told of in docs/operations.md, under the heading that they name', () => {
    const headings = [...read('docs/operations.md').matchAll(/^#+ (.*)$/gm)].map(
      ([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'),
    );
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
      expect(headings).toContain(alert.toLowerCase());
    }
  });

  it('would be found wrong', () => {
    expect(() => metricsOf('max by (job) (yanxiu_outbox_pending')).toThrow('no PromQL');
    expect(metricsOf('rate(a_total[5m]) > b{c="d"}')).toEqual(['a_total', 'b']);
  });
});
