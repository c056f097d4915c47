/** Sector (domain §2): decides the year's minimum. */
export type Sector = 'BASIC' | 'VOCATIONAL' | 'HIGHER';

/** One row of what is known of a teacher's posts; no unit: out of service from then on. */
export interface Post {
  unitCode: string | null;
  /** The unit's place in the tree, where it is known here. */
  path: string | null;
  sector: Sector;
  /** First day, `YYYY-MM-DD`. */
  validFrom: string;
  /** Long leaves of hers, in whichever post; null: none. */
  leaves?: readonly Leave[] | null;
}

/** A long leave: first and last day; without a last day it lasts. */
export interface Leave {
  from: string;
  to: string | null;
}

/** The post held on `date`; null before the first day and after the last day of service. */
export function postOn(posts: readonly Post[], date: string): Post | null {
  // In order of validFrom, then of recording: the last one that has begun holds.
  const post = posts.findLast(({ validFrom }) => validFrom <= date);
  return post?.unitCode ? post : null;
}

/** The last post that the teacher served in by `date`, also after retirement. */
export const lastPost = (posts: readonly Post[], date: string): Post | null =>
  posts.findLast((post) => post.validFrom <= date && post.unitCode) ?? null;

const isAway = (post: Post, date: string): boolean =>
  post.leaves?.some(({ from, to }) => from <= date && (to ?? date) >= date) ?? false;

/** A month in service, by number, with the sector of that time. */
export interface ServiceMonth {
  /** 1 to 12. */
  month: number;
  sector: Sector;
}

/**
 * The months in service in a year (A3, A32): a month counts, for the sector of that day, when on
 * its 15th the teacher is in service and not on a long leave.
 */
export function serviceMonths(posts: readonly Post[], year: number): ServiceMonth[] {
  const months: ServiceMonth[] = [];
  const whole = postAllYear(posts, year);
  for (let month = 1; month <= 12; month += 1) {
    const post = whole ?? postServed(posts, `${year}-${month < 10 ? '0' : ''}${month}-15`);
    if (post) months.push({ month, sector: post.sector });
  }
  return months;
}

function postServed(posts: readonly Post[], day: string): Post | null {
  const post = postOn(posts, day);
  return post && !isAway(post, day) ? post : null;
}

/** The one post of all twelve months without a leave: that of most teachers in most years. */
function postAllYear(posts: readonly Post[], year: number): Post | null {
  const post = postOn(posts, `${year}-12-15`);
  return post && post.validFrom <= `${year}-01-15` && !post.leaves?.length ? post : null;
}

/** The sectors of {@link serviceMonths}. */
export const monthsInService = (posts: readonly Post[], year: number): Sector[] =>
  serviceMonths(posts, year).map(({ sector }) => sector);

/** Whether a text given as an id can be one. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
