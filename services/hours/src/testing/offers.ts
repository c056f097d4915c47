import {
  classOpened,
  projectEnrolling,
  projectFiled,
  projectSchemeApproved,
  quotaAllocated,
  type ProjectData,
} from '@yanxiu/contracts/training';
import { deliver } from '@yanxiu/testkit/events';
import { newId, type Province } from './province.js';

const CITY = '140400';
/** The instant that the events tell. */
export const at = '2025-06-20T02:00:00.000Z';

/** What is another than usual in an offer. */
export interface Offer {
  project?: Partial<ProjectData>;
  plannedCentihours?: number;
  startsOn?: string;
  endsOn?: string;
  enrolling?: boolean;
  /** Seats by unit, with the unit that they come from. */
  quota?: [unitCode: string, seats: number, sourceCode?: string][];
}

/** A target that excludes nobody. */
export const ANYONE: Required<ProjectData>['target'] = {
  ...{ stages: [], subjects: [], ladders: [], roles: [] },
};

/** A project of the city up to 学员选派, with one class; its data and the class's id. */
export async function offer(
  province: Province,
  what: Offer = {},
): Promise<{ data: ProjectData; classId: string }> {
  const data: ProjectData = {
    projectId: newId(),
    ...{ name: '专题研修', level: 'CITY', sector: 'BASIC', category: 'SUBJECT', year: 2025 },
    ...{ organiserCode: CITY, delivererIds: [], budgetFen: 0, at, target: ANYONE },
    ...what.project,
  };
  const { projectId } = data;
  await deliver(province.inbox, projectFiled, projectId, data);
  const { plannedCentihours = 8_000 } = what;
  await deliver(province.inbox, projectSchemeApproved, projectId, { ...data, plannedCentihours });
  const classId = await openClass(province, data, what);
  if (what.enrolling !== false) await deliver(province.inbox, projectEnrolling, projectId, data);
  return { data, classId };
}

/** A class of the project with its seats; its id. */
export async function openClass(
  province: Province,
  { projectId }: ProjectData,
  what: Offer = {},
): Promise<string> {
  const classId = newId();
  const { startsOn = '2025-09-01', endsOn = '2025-09-05' } = what;
  await deliver(province.inbox, classOpened, projectId, {
    ...{ projectId, classId, at, startsOn, endsOn },
    ...{ capacity: 50, modality: 'FACE_TO_FACE' },
  });
  const { quota = [[CITY, 10]] } = what;
  for (const [unitCode, seats, sourceCode = null] of quota) {
    await deliver(province.inbox, quotaAllocated, projectId, {
      ...{ projectId, classId, at, unitCode, seats, sourceCode },
    });
  }
  return classId;
}
