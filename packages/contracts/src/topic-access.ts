import { catalogue, topics } from './catalogue.js';

/** Everything that emits events, in the order of the graph. */
export const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'] as const;
export type Service = (typeof SERVICES)[number];

/**
 * Topics that each service acts on. Nobody else of ours reads a topic, so that a new subscription
 * is told here first: a test compares this with the services' handlers.
 */
const reads: Readonly<Record<Service, readonly string[]>> = {
  personnel: ['training.institution'],
  training: [
    'evaluation.institution-rating',
    'evaluation.project-evaluation',
    'funding.project-funds',
    'hours.decision',
    'personnel.org-unit',
    'personnel.policy',
    'personnel.role-assignment',
    'personnel.teacher',
  ],
  hours: [
    'personnel.org-unit',
    'personnel.policy',
    'personnel.role-assignment',
    'personnel.teacher',
    'training.enrolment',
    'training.institution',
    'training.project',
  ],
  funding: [
    'personnel.org-unit',
    'personnel.policy',
    'personnel.role-assignment',
    'training.project',
  ],
  evaluation: [
    'personnel.org-unit',
    'personnel.policy',
    'personnel.role-assignment',
    'training.enrolment',
    'training.institution',
    'training.project',
  ],
};

/** What someone may do with topics: append to some, read some. */
export interface TopicAccess {
  readonly writes: readonly string[];
  readonly reads: readonly string[];
}

/** What a service needs: its own topics to write, those that it acts on to read, no more. */
export const accessOf = (service: Service): TopicAccess => ({
  writes: topics.filter((topic) => ownerOf(topic) === service),
  reads: reads[service],
});

/** What a reader outside of the services may do: the tools of whoever is on duty, downstream. */
export const readingOnly: TopicAccess = { writes: [], reads: topics };

/** The service that alone emits on a topic of the catalogue. */
export const ownerOf = (topic: string): string | undefined =>
  catalogue.find((contract) => contract.topic === topic)?.owner;
