import type { Static, TObject } from '@sinclair/typebox';
import { classOf, type DataClass } from './data-class.js';

/** How long a topic keeps its messages: all of them, or the newest of each key. */
export type Retention = 'forever' | 'compacted';

/** One version of one event type: its name, its topic and the shape of its `data`. */
export interface Contract<S extends TObject = TObject> {
  /** CloudEvents `type`, e.g. `cn.yanxiu.training.project.submitted.v1`. */
  readonly type: string;
  /** Topic `<service>.<aggregate>`; all events of one aggregate go to one topic. */
  readonly topic: string;
  /** What the message key is, for readers of the catalogue. */
  readonly key: string;
  /** The service that alone emits it and answers for it. */
  readonly owner: string;
  readonly retention: Retention;
  /** The highest class of its fields. */
  readonly dataClass: DataClass;
  readonly schema: S;
}

/** The TypeScript shape of a contract's `data`. */
export type DataOf<C extends Contract> = Static<C['schema']>;

/** Declares the contracts of one topic; `define(action, schema)` names one event type. */
export function topic(name: string, key: string, retention: Retention = 'forever') {
  const owner = name.split('.')[0] as string;
  return function define<S extends TObject>(subjectAction: string, schema: S): Contract<S> {
    const type = `cn.yanxiu.${owner}.${subjectAction}.v1`;
    return { type, topic: name, key, owner, retention, dataClass: classOf(schema), schema };
  };
}
