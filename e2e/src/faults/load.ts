import { setTimeout as delay } from 'node:timers/promises';
import { checkCharacter, RESERVED_AREA } from '@yanxiu/generator/id-number';
import { Random } from '@yanxiu/generator/random';
import type { Client, Command, Sender } from './client.js';
import type { Province } from './province.js';

const HOUR = 60;
/** What every participant of a walk attends, in minutes; hours credits it in full. */
export const ATTENDED_MINUTES = 6 * HOUR;
const PARTICIPANTS = 4;
const WALKERS = 4;
const REGISTRARS = 4;
const PAUSE_MS = 120;
/** Numbers of persons that a case may use up: those of five busy minutes. */
const PERSONS = 15_000;

/** A day of the past for a walk: no teacher has two walks on one day. */
const day = (walk: number): string =>
  new Date(Date.UTC(2025, 0, 1 + (walk % 600))).toISOString().slice(0, 10);

/** A number of someone who does not exist; another one for each sequence. */
function idNumber(sequence: number): string {
  const birth = new Date(Date.UTC(1970, 0, 1 + (sequence % 12_000)));
  const nth = 900 + (Math.floor(sequence / 12_000) % 100);
  const first17 = `${RESERVED_AREA}${birth.toISOString().slice(0, 10).replaceAll('-', '')}${nth}`;
  return first17 + checkCharacter(first17);
}

/**
 * Eight senders at work: four register, reclassify and move teachers, four take projects from
 * draft to completed classes, which needs funding's and hours' events on the way.
 */
export class Load {
  readonly #random: Random;
  #sequence: number;
  #walks = 0;
  #stopping = false;
  #running: Promise<unknown> | undefined;
  #failure: unknown;
  /** Teachers whom every service has had time to hear of. */
  readonly #pool: string[] = [];

  constructor(
    readonly client: Client,
    readonly province: Province,
    seed: number,
    first: number,
  ) {
    this.#random = new Random(seed, 'load');
    this.#sequence = first * PERSONS;
    this.#walks = first * 60;
  }

  async start(): Promise<void> {
    for (let n = 0; n < 2; n += 1) this.#pool.push(...(await this.#register(PARTICIPANTS)));
    const senders = [
      ...Array.from({ length: REGISTRARS }, () => this.#repeat(() => this.#career())),
      ...Array.from({ length: WALKERS }, () => this.#repeat(() => this.#project())),
    ];
    this.#running = Promise.all(senders);
  }

  /** Lets every sender finish what it has begun; rejects when one was refused for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    if (this.#failure) throw this.#failure;
  }

  /** Registers one teacher, without the usual pause; resolves with its id. */
  async probe(): Promise<string> {
    const { rows } = await this.client.send<{ rows: { teacher: { id: string } }[] }>(
      this.#registration(1, this.#school()),
    );
    return rows[0]?.teacher.id ?? '';
  }

  get failure(): unknown {
    return this.#failure;
  }

  async #repeat(work: () => Promise<void>): Promise<void> {
    try {
      while (!this.#stopping) await work();
    } catch (error) {
      this.#failure ??= error;
      this.#stopping = true;
    }
  }

  async #send<P extends object>(command: Command): Promise<P> {
    if (!this.#stopping) await delay(this.#random.int(PAUSE_MS / 2, PAUSE_MS * 2));
    return this.client.send<P>(command);
  }

  get #officer(): Sender {
    return { persona: 'city-officer', org: this.province.city };
  }
  get #staff(): Sender {
    return { persona: 'institution-staff', org: this.province.institution.code };
  }

  /** Registers so many teachers at once, who take no part in what the senders do. */
  async enlist(count: number): Promise<void> {
    await this.#register(count);
  }

  async #register(count: number, school = this.#school()): Promise<string[]> {
    const { rows } = await this.#send<{ rows: { teacher: { id: string } }[] }>(
      this.#registration(count, school),
    );
    return rows.map(({ teacher }) => teacher.id);
  }

  #registration(count: number, school: string): Command {
    const rows = Array.from({ length: count }, (_, index) => ({
      rowNumber: index + 1,
      name: '测试教师',
      idNumber: idNumber(++this.#sequence),
      unitCode: school,
      stage: 'PRIMARY',
      subject: '语文',
      hiredOn: '2020-09-01',
    }));
    return {
      name: 'registerTeachers',
      type: 'RegisterTeachersInput',
      input: { rows },
      select: 'rows { teacher { id } }',
      sender: this.#officer,
    };
  }

  #school(): string {
    const { schools } = this.province;
    return schools[this.#random.int(0, schools.length - 1)] ?? '';
  }

  /** A teacher joins, is classified anew and moves on: three versions of one key. */
  async #career(): Promise<void> {
    const { schools } = this.province;
    const [from = '', to = ''] = schools;
    const [teacherId = '', ...others] = await this.#register(2, from);
    this.#pool.push(...others);
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    await this.#send({
      name: 'changeTeacherClassification',
      type: 'ChangeTeacherClassificationInput',
      input: { teacherId, ladder: 'YOUNG', from: today },
      select: 'teacher { id }',
      sender: this.#officer,
    });
    await this.#send({
      name: 'transferTeacher',
      type: 'TransferTeacherInput',
      input: { teacherId, toUnitCode: to, on: today },
      select: 'teacher { id }',
      sender: this.#officer,
    });
  }

  async #project(): Promise<void> {
    const walk = ++this.#walks;
    const teachers = this.#pool.slice(-PARTICIPANTS * 2).slice(0, PARTICIPANTS);
    const projectId = await this.#fundedProject(walk);
    const classId = await this.#openClass(projectId, walk, teachers);
    await this.#deliver(classId, walk);
  }

  async #step(name: string, projectId: string, waitsFor?: string[], sender = this.#officer) {
    await this.#send({
      name,
      type: 'ProjectStepInput',
      input: { projectId },
      select: 'project { id }',
      sender,
      ...(waitsFor && { waitsFor }),
    });
  }

  async #fundedProject(walk: number): Promise<string> {
    const { institution, year, city } = this.province;
    const { project } = await this.#send<{ project: { id: string } }>({
      name: 'createTrainingProject',
      type: 'CreateTrainingProjectInput',
      input: {
        name: `骨干教师培训 ${walk}`,
        level: 'CITY',
        sector: 'BASIC',
        category: institution.category,
        year,
        organiserCode: city,
        delivererIds: [institution.id],
        budget: '100.00',
      },
      select: 'project { id }',
      sender: this.#officer,
    });
    await this.#step('submitTrainingProject', project.id);
    const province = { persona: 'province-officer' };
    await this.#step('approveTrainingProject', project.id, ['PROJECT-FUNDED'], province);
    await this.#step('fileTrainingProject', project.id);
    const module = (title: string, type: string, hours: string, practice: boolean) => ({
      ...{ title, type, hours, practice, required: true },
      deliveryMethod: practice ? 'CASE_TEACHING' : 'LECTURE',
    });
    const { scheme } = await this.#send<{ scheme: { id: string } }>({
      name: 'submitTrainingScheme',
      type: 'SubmitTrainingSchemeInput',
      input: {
        projectId: project.id,
        modules: [module('师德', 'ETHICS', '2.00', false), module('课例', 'SUBJECT', '6.00', true)],
      },
      select: 'scheme { id }',
      sender: this.#staff,
    });
    await this.#send({
      name: 'approveTrainingScheme',
      type: 'ApproveTrainingSchemeInput',
      input: { schemeId: scheme.id },
      select: 'scheme { id }',
      sender: this.#officer,
    });
    return project.id;
  }

  async #openClass(projectId: string, walk: number, teacherIds: string[]): Promise<string> {
    const { survey } = await this.#send<{ survey: { id: string } }>({
      name: 'openNeedsSurvey',
      type: 'OpenNeedsSurveyInput',
      input: { projectId, title: '需求调研', topics: ['课例研究'] },
      select: 'survey { id }',
      sender: this.#officer,
    });
    await this.#send({
      name: 'closeNeedsSurvey',
      type: 'CloseNeedsSurveyInput',
      input: { surveyId: survey.id },
      select: 'survey { id }',
      sender: this.#officer,
    });
    const { trainingClass } = await this.#send<{ trainingClass: { id: string } }>({
      name: 'openTrainingClass',
      type: 'OpenTrainingClassInput',
      input: {
        projectId,
        name: '第一班',
        startsOn: day(walk),
        endsOn: day(walk),
        capacity: PARTICIPANTS,
        place: '长治学院',
        modality: 'FACE_TO_FACE',
      },
      select: 'trainingClass { id }',
      sender: this.#staff,
    });
    const classId = trainingClass.id;
    await this.#send({
      name: 'allocateQuota',
      type: 'AllocateQuotaInput',
      input: { classId, unitCode: this.province.city, seats: PARTICIPANTS },
      select: 'quota { seats }',
      sender: this.#officer,
    });
    await this.#step('openEnrolment', projectId, ['PROJECT-FUNDED']);
    await this.#send({
      name: 'nominateTeachers',
      type: 'NominateTeachersInput',
      input: { classId, teacherIds },
      select: 'results { nomination { id } }',
      sender: this.#officer,
      waitsFor: ['NOMINATION-ELIGIBLE'],
    });
    await this.#send({
      name: 'confirmEnrolments',
      type: 'ConfirmEnrolmentsInput',
      input: { classId },
      select: 'enrolmentIds',
      sender: this.#staff,
    });
    await this.#step('startTrainingProject', projectId);
    return classId;
  }

  async #deliver(classId: string, walk: number): Promise<void> {
    const { session } = await this.#send<{ session: { id: string } }>({
      name: 'scheduleSession',
      type: 'ScheduleSessionInput',
      input: {
        classId,
        title: '集中研修',
        startsAt: `${day(walk)}T09:00:00+08:00`,
        endsAt: `${day(walk)}T15:00:00+08:00`,
        plannedMinutes: ATTENDED_MINUTES,
      },
      select: 'session { id }',
      sender: this.#staff,
    });
    const confirmed = this.client.acknowledged.findLast(
      ({ command }) => command.name === 'confirmEnrolments' && command.input['classId'] === classId,
    );
    const enrolmentIds = confirmed?.payload['enrolmentIds'] as string[];
    await this.#send({
      name: 'recordAttendance',
      type: 'RecordAttendanceInput',
      input: {
        sessionId: session.id,
        records: enrolmentIds.map((enrolmentId) => ({
          enrolmentId,
          attendedMinutes: ATTENDED_MINUTES,
        })),
      },
      select: 'session { id }',
      sender: this.#staff,
    });
    await this.#send({
      name: 'completeTrainingClass',
      type: 'CompleteTrainingClassInput',
      input: { classId },
      select: 'participations',
      sender: this.#staff,
    });
  }
}
