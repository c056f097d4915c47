import type { Static, TObject } from '@sinclair/typebox';

/**
 * Personal-data class of an event (domain.md §5): P0 none, P1 pseudonymous (own id, unit, stage).
 * P2 (name, phone, ID number, birth date) is never in an event.
 */
export type DataClass = 'P0' | 'P1';

/** One version of one event type: its name, its topic and the shape of its `data`. */
export interface Contract<S extends TObject = TObject> {
  /** CloudEvents `type`, e.g. `cn.yanxiu.training.project.submitted.v1`. */
  readonly type: string;
  /** Topic `<service>.<aggregate>`; all events of one aggregate go to one topic. */
  readonly topic: string;
  /** What the message key is, for readers of the catalogue. */
  readonly key: string;
  readonly dataClass: DataClass;
  readonly schema: S;
}

/** The TypeScript shape of a contract's `data`. */
export type DataOf<C extends Contract> = Static<C['schema']>;

/** Declares the contracts of one topic; `define(action, schema)` names one event type. */
export function topic(name: string, key: string, dataClass: DataClass) {
  const service = name.split('.')[0];
  return function define<S extends TObject>(subjectAction: string, schema: S): Contract<S> {
    return {
      type: `cn.yanxiu.${service}.${subjectAction}.v1`,
      topic: name,
      key,
      dataClass,
      schema,
    };
  };
}
