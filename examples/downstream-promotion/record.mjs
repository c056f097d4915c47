/**
 * What this system knows, and how an event changes it. Pure: no file, no broker.
 *
 * Of a topic of events each key's numbers rise by one, so the last number that was taken says what
 * is new, what is a repetition and what came too early. Of a topic of snapshots only the newest
 * number counts.
 */
import { isStateTopic } from '@yanxiu/contracts/contract';
import { complianceChanged, hoursCredited, hoursReversed } from '@yanxiu/contracts/hours';
import { teacherSnapshot } from '@yanxiu/contracts/personnel-state';

export const TOPICS = [complianceChanged.topic, hoursCredited.topic, teacherSnapshot.topic];

export const emptyRecord = () => ({
  /** Last version taken, by topic and key. */
  taken: {},
  /** Events that came before an earlier one of their key. */
  early: {},
  teachers: {},
  /** A teacher's verdict by year. */
  years: {},
  /** Entries of hours by decision: the evidence behind a verdict. */
  decisions: {},
});

/** Takes one event; taking it again changes nothing. */
export function take(record, topic, event) {
  const place = `${topic}/${event.subject}`;
  const last = record.taken[place] ?? 0;
  const version = event.aggregateversion;
  if (version <= last) return;
  if (!isStateTopic(topic) && version > last + 1) {
    record.early[`${place}/${version}`] = event;
    return;
  }
  effects[event.type]?.(record, event.data);
  record.taken[place] = version;
  const next = `${place}/${version + 1}`;
  const waiting = record.early[next];
  if (!waiting) return;
  delete record.early[next];
  take(record, topic, waiting);
}

/** Types that are not listed are read over. */
const effects = {
  [teacherSnapshot.type]: (record, { teacherId, posts, retiredOn }) => {
    record.teachers[teacherId] = { posts, retiredOn };
  },
  [complianceChanged.type]: (record, data) => {
    const { teacherId, year, verdict, requiredCentihours } = data;
    record.years[`${teacherId}/${year}`] = { verdict, requiredCentihours };
  },
  [hoursCredited.type]: (record, { decisionId, teacherId, projectId, entries }) => {
    record.decisions[decisionId] = { teacherId, projectId, entries };
  },
  [hoursReversed.type]: (record, { reversedDecisionId }) => {
    delete record.decisions[reversedDecisionId];
  },
};

/** May the teacher stand for promotion in a year, as far as hours go? With the evidence. */
export function answer(record, teacherId, year) {
  const teacher = record.teachers[teacherId];
  const found = record.years[`${teacherId}/${year}`];
  const evidence = Object.entries(record.decisions)
    .filter(([, decision]) => decision.teacherId === teacherId)
    .flatMap(([decisionId, { projectId, entries }]) =>
      entries
        .filter((entry) => entry.year === year)
        .map(({ centihours }) => ({ decisionId, projectId, centihours })),
    );
  return {
    teacherId,
    year,
    known: teacher !== undefined,
    // The hours are evidence for those who decide, not the decision (guideline, part 4, 3).
    eligible: found !== undefined && found.verdict !== 'SHORT',
    verdict: found?.verdict ?? null,
    centihours: evidence.reduce((sum, { centihours }) => sum + centihours, 0),
    requiredCentihours: found?.requiredCentihours ?? null,
    unitCode: unitOn(teacher?.posts ?? [], `${year}-12-31`),
    evidence,
  };
}

function unitOn(posts, day) {
  const begun = posts.filter(({ from }) => from <= day);
  const [latest] = begun.sort((a, b) => b.from.localeCompare(a.from));
  return latest?.unitCode ?? null;
}
