import type { Contract, DataOf } from '@yanxiu/contracts/contract';
import {
  fundsRefused,
  type fundsCommitted,
  type fundsReleased,
  fundsReserved,
} from '@yanxiu/contracts/funding';
import { orgUnitRegistered, policyPublished } from '@yanxiu/contracts/personnel';
import { deliver } from '@yanxiu/testkit/events';
import { fileAnnualPlan } from '../annual-plan/commands.js';
import type { CreateTrainingProjectInput, SchemeModuleInput } from '../generated/graphql.js';
import { accreditInstitution } from '../institution/commands.js';
import { TrainingInstitution } from '../institution/entity.js';
import {
  approveTrainingProject,
  createTrainingProject,
  fileTrainingProject,
  submitTrainingProject,
} from '../project/commands.js';
import { TrainingProject } from '../project/entity.js';
import { CITY, COUNTY_A, DeliveryFixture, PROVINCE, officer } from './delivery.js';

/** A vocational school under a county: it reports to the city (A21). */
export const COUNTY_VOCATIONAL = '14040300009';

const POLICIES: Record<string, unknown> = {
  'training.organiserTier': {
    NATIONAL: 'PROVINCE',
    PROVINCIAL: 'PROVINCE',
    CITY: 'CITY',
    COUNTY: 'COUNTY',
    SCHOOL: 'SCHOOL',
  },
  'training.schoolFiling': { BASIC: 'COUNTY', VOCATIONAL: 'CITY', HIGHER: 'SELF' },
  'training.scheme.ethicsMinCentihours': 1,
  'training.scheme.practiceShareWarn': 50,
  'training.reservationWaitHours': 24,
};

type Answer = typeof fundsReserved | typeof fundsCommitted | typeof fundsReleased;

/** What plans, projects and schemes need over the delivery fixture, with shortcuts to each step. */
export class Planning {
  private constructor(readonly fixture: DeliveryFixture) {}

  static async start(): Promise<Planning> {
    const fixture = await DeliveryFixture.start();
    const planning = new Planning(fixture);
    for (const [key, value] of Object.entries(POLICIES)) await planning.publish(key, value, 1);
    await deliver(fixture.inbox, orgUnitRegistered, COUNTY_VOCATIONAL, {
      code: COUNTY_VOCATIONAL,
      name: 'Vocational school of the county',
      tier: 'SCHOOL',
      sector: 'VOCATIONAL',
      stage: 'SECONDARY_VOCATIONAL',
      parentCode: COUNTY_A,
      validFrom: '2020-01-01',
    });
    return planning;
  }

  async publish(key: string, value: unknown, version: number): Promise<void> {
    await deliver(this.fixture.inbox, policyPublished, key, {
      key,
      version,
      value,
      unit: 'enum',
      validFrom: '2021-01-01',
      validTo: null,
      scopeCode: null,
      rules: [],
      instrument: '晋教师〔2023〕4号',
      article: '§3',
      quotation: '',
      publishedAt: '2023-05-04T00:00:00Z',
    });
  }

  async institutionId(code = 'INST-1'): Promise<string> {
    const { manager } = this.fixture.db;
    return (await manager.findOneByOrFail(TrainingInstitution, { code })).id;
  }

  async accredit(code = 'INST-1', sectors = ['BASIC', 'VOCATIONAL', 'HIGHER']): Promise<string> {
    const institutionId = await this.institutionId(code);
    await accreditInstitution(this.fixture.context(officer(PROVINCE)), {
      institutionId,
      sectors,
      categories: ['SUBJECT'],
      validFrom: '2025-01-01',
      validTo: '2025-12-31',
    });
    return institutionId;
  }

  async filePlan(unitCode: string, year = 2025): Promise<string> {
    const content = { title: `Plan of ${unitCode}`, summary: 'All of it', items: [] };
    const context = this.fixture.context(officer(unitCode));
    return (await fileAnnualPlan(context, { unitCode, year, ...content })).planId;
  }

  /** A draft of the city's, delivered by INST-1. */
  async draft(other: Partial<CreateTrainingProjectInput> = {}): Promise<string> {
    const organiser = other.organiserCode ?? CITY;
    const { projectId } = await createTrainingProject(this.fixture.context(officer(organiser)), {
      name: 'Backbone teachers of mathematics',
      level: 'CITY',
      sector: 'BASIC',
      category: 'SUBJECT',
      year: 2025,
      delivererIds: other.level === 'SCHOOL' ? [] : [await this.institutionId()],
      budget: 10_000_000,
      ...other,
    });
    return projectId;
  }

  async submitted(other: Partial<CreateTrainingProjectInput> = {}): Promise<string> {
    const projectId = await this.draft(other);
    await submitTrainingProject(this.as(CITY), { projectId });
    return projectId;
  }

  async approved(): Promise<string> {
    const projectId = await this.submitted();
    await this.fund(projectId, fundsReserved);
    await approveTrainingProject(this.as(PROVINCE), { projectId });
    return projectId;
  }

  /** Needs a filed plan of the city. */
  async filed(): Promise<string> {
    const projectId = await this.approved();
    await fileTrainingProject(this.as(CITY), { projectId });
    return projectId;
  }

  as(unitCode: string) {
    return this.fixture.context(officer(unitCode));
  }

  find(id: string): Promise<TrainingProject> {
    return this.fixture.db.manager.findOneByOrFail(TrainingProject, { id });
  }

  /** Funding's answer to the latest submission, or to another one. */
  async fund(projectId: string, contract: Answer, requestId?: string): Promise<void> {
    await this.#answer(contract, projectId, requestId, { commitmentId: this.fixture.id() });
  }

  async refuse(projectId: string, requestId?: string): Promise<void> {
    const reason = { zh: '预算不足', en: 'over the budget' };
    await this.#answer(fundsRefused, projectId, requestId, { rule: 'FUND-BUDGET', reason });
  }

  async #answer<C extends Contract>(
    contract: C,
    projectId: string,
    requestId: string | undefined,
    extra: Record<string, unknown>,
  ): Promise<void> {
    const project = await this.find(projectId);
    const data = {
      projectId,
      requestId: requestId ?? project.fundsRequestId,
      unitCode: project.organiserCode,
      fiscalYear: project.year,
      amountFen: project.budgetFen,
      at: this.fixture.clock.now.toISOString(),
      ...extra,
    };
    // One helper for four contracts: the inbox checks the data against the contract's schema.
    const outcome = await deliver(this.fixture.inbox, contract, projectId, data as DataOf<C>);
    if (outcome !== 'applied') throw new Error(`${contract.type} was ${outcome}`);
  }
}

/** A module of a scheme; ethics with four hours when nothing else is said. */
export const moduleOf = (other: Partial<SchemeModuleInput> = {}): SchemeModuleInput => ({
  title: 'Ethics of the profession',
  type: 'ETHICS',
  required: true,
  hours: 400,
  practice: false,
  deliveryMethod: 'LECTURE',
  ...other,
});
