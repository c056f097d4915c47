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
  /**
   * What the event changes in its aggregate's snapshot: given fields take the place of the old
   * ones, given lists are added to them. Only where the aggregate has a topic `….state`.
   */
  change?(data: Static<S>): object;
}

/** The TypeScript shape of a contract's `data`. */
export type DataOf<C extends Contract> = Static<C['schema']>;

const STATE = '.state';

/** Whether a topic keeps the newest snapshot of each key and no history. */
export const isStateTopic = (topic: string): boolean => topic.endsWith(STATE);

/** Declares the contracts of one topic; `define(action, schema)` names one event type. */
export function topic(name: string, key: string) {
  return function define<S extends TObject>(subjectAction: string, schema: S): Contract<S> {
    return contract(name, key, 'forever', subjectAction, schema);
  };
}

/** The snapshot of a state aggregate: the one type of its compacted topic `<topic>.state`. */
export function snapshotOn<S extends TObject>(name: string, key: string, schema: S): Contract<S> {
  const subject = name.slice(name.indexOf('.') + 1);
  return contract(`${name}${STATE}`, key, 'compacted', `${subject}.snapshot`, schema);
}

/** As {@link topic} for a state aggregate: each event says what it changes in the snapshot. */
export function topicWithState<T extends TObject>(snapshot: Contract<T>) {
  const name = snapshot.topic.slice(0, -STATE.length);
  return function define<S extends TObject>(
    subjectAction: string,
    schema: S,
    change: (data: Static<S>) => Partial<Static<T>>,
  ): Contract<S> {
    return { ...contract(name, snapshot.key, 'forever', subjectAction, schema), change };
  };
}

/** The type of the snapshots of an aggregate whose events are on this topic. */
export const snapshotTypeOf = (eventTopic: string): string => {
  const [owner, ...aggregate] = eventTopic.split('.');
  return `cn.yanxiu.${owner}.${aggregate.join('.')}.snapshot.v1`;
};

function contract<S extends TObject>(
  name: string,
  key: string,
  retention: Retention,
  subjectAction: string,
  schema: S,
): Contract<S> {
  const owner = name.split('.')[0] as string;
  const type = `cn.yanxiu.${owner}.${subjectAction}.v1`;
  return { type, topic: name, key, owner, retention, dataClass: classOf(schema), schema };
}
