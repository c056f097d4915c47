import { fileURLToPath } from 'node:url';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  getNamedType,
  isObjectType,
  parse,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { DataClass } from '@yanxiu/subgraph/access';
import { accessOf } from '@yanxiu/subgraph/access-guard';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { commonSdl } from '@yanxiu/subgraph/service-sdl';

const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'];

/** What each object of the graph is, by hand; pages and edges are what they hold. */
const OBJECTS: Readonly<Record<DataClass, string>> = {
  PUBLIC: `PageInfo OrgUnit GoverningUnit Policy PolicyInstrument HoursBasis Instrument
    InstrumentItem AnonymousChannel`,
  REGISTER: 'TrainingInstitution Accreditation InstitutionSuspension',
  PROJECT: `AnnualPlan AnnualPlanItem PlanDuty StudyRecord TrainingProject ProjectTarget
    ProjectStep WaitingProject ProjectRecognition TrainingClass Quota Session UnitAttendance
    TrainingScheme SchemeModule SchemeWarning NeedsSurvey TopicCount`,
  RECORD: `Teacher TeacherPost TeacherClassification Enrolment Nomination Participation Attendance
    Claim ClaimSession ClaimEvidence ClaimStepTaken HourEntry EntryExplanation
    RecognitionDecision TraceLine YearlyHours SourceHours CycleHours Compliance
    VerdictExplanation HoursAsOf SimulatedTeacher NotOnTarget OpenProject
    DueTraining Leave`,
  FIGURES: `HoursReport UnitSummary VerdictCount PolicyRecomputation VerdictCounts
    PolicySimulation SimulationRun SimulatedChange SimulatedCount SimulatedArea SimulatedSector`,
  NAME: '',
  IDENTITY: 'PersonalData PersonalDataSection',
  MONEY: `FundingBase StatutoryRequirement FundingShortfalls Budget ProjectFunds Commitment Payment
    JournalEntry JournalLine`,
  EVALUATION: `ProjectEvaluation EvaluationChannels EvaluationChannel DimensionResult
    AgencyAssessment CriterionScore Supervision`,
  RATING: 'InstitutionRating InstitutionRatingNote PooledResult',
  // Drafts are seen by those who may publish them.
  AUTHORITY: 'RoleAssignment PolicyDraft PolicyComparison PolicyChange',
  OPERATION: 'ServiceEvents OutboxStatus PartitionLag HeldStatus DeadLetter',
  AUDIT: 'AuditEntry DataAccess',
};

/** Fields that are another thing than the object that they stand in. */
const FIELDS: Readonly<Record<string, DataClass>> = {
  'Teacher.name': 'NAME',
  'Teacher.idNumberMasked': 'IDENTITY',
  // It tells of health and family.
  'Leave.reason': 'IDENTITY',
  // Anyone may learn where to answer, and nothing else of the project.
  'TrainingProject.anonymousChannel': 'PUBLIC',
};

const CLASS_OF = new Map(
  Object.entries(OBJECTS).flatMap(([data, names]) =>
    names.split(/\s+/).map((name) => [name, data as DataClass] as const),
  ),
);

const classOf = (type: GraphQLObjectType): DataClass | undefined =>
  CLASS_OF.get(type.name.replace(/(Connection|Edge)$/, ''));

/** A field of an object that is shown. */
interface Shown {
  /** `Type.field`. */
  name: string;
  type: GraphQLObjectType;
  field: GraphQLField<unknown, unknown>;
}

const fieldsOf = (types: Iterable<GraphQLObjectType>): Shown[] =>
  [...types].flatMap((type) =>
    Object.values(type.getFields())
      .filter(({ name }) => !name.startsWith('_'))
      .map((field) => ({ name: `${type.name}.${field.name}`, type, field })),
  );

/** Objects that a question can lead to; what only answers to commands hold stays out. */
function askable(schema: GraphQLSchema): Set<GraphQLObjectType> {
  const found = new Set<GraphQLObjectType>();
  const queue = [schema.getQueryType()];
  for (let type = queue.shift(); type; type = queue.shift()) {
    if (found.has(type)) continue;
    found.add(type);
    for (const field of Object.values(type.getFields())) {
      const target = getNamedType(field.type);
      if (isObjectType(target)) queue.push(target);
    }
  }
  return found;
}

/** `Type.field` → what it shows: what the object is that it stands in, and that it leads to. */
export function classesByHand(schema: GraphQLSchema): Map<string, readonly DataClass[]> {
  return new Map(
    fieldsOf(askable(schema)).map(({ name, type, field }) => {
      const target = getNamedType(field.type);
      const both = [
        FIELDS[name] ?? (type === schema.getQueryType() ? undefined : classOf(type)),
        isObjectType(target) ? classOf(target) : undefined,
      ];
      return [name, [...new Set(both.filter((each) => each !== undefined))].sort()];
    }),
  );
}

/** The same as the services' SDL has it in `@access`, with answers to commands. */
export function classesOfServices(): Map<string, readonly DataClass[]> {
  const classes = new Map<string, readonly DataClass[]>();
  for (const service of SERVICES) {
    const folder = fileURLToPath(new URL(`../../../services/${service}/src`, import.meta.url));
    const schema = buildSubgraphSchema({
      typeDefs: parse(`${serviceSdl(folder)}\n${commonSdl(service)}`),
    });
    for (const { name, type, field } of fieldsOf(
      Object.values(schema.getTypeMap()).filter(isObjectType),
    )) {
      classes.set(name, [...accessOf(type, field).data].sort());
    }
  }
  return classes;
}
