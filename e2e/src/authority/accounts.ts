import type { OidcIssuer } from '@yanxiu/testkit/oidc-issuer';
import type { World } from '../story/world.js';

const MONTH = 30 * 86_400;

/** One question to each service that an officer of a unit may ask. */
const QUESTIONS: Readonly<Record<string, string>> = {
  personnel: 'query ($unit: ID!) { teachers(under: $unit, first: 1) { nodes { id } } }',
  training: 'query ($unit: ID!) { annualPlans(under: $unit, first: 1) { nodes { id } } }',
  hours:
    'query ($unit: ID!) { compliances(under: $unit, year: 2026, first: 1) { nodes { unit { code } } } }',
  funding:
    'query ($unit: ID!) { fundingShortfalls(fiscalYear: 2026, under: $unit, first: 1) { nodes { fiscalYear } } }',
  evaluation:
    'query ($unit: ID!) { projectEvaluations(first: 1) { nodes { id } } orgUnit(code: $unit) { code } }',
};

export interface NewRole {
  role: string;
  unit: string;
  validFrom?: string;
  validTo?: string;
  teacher?: string;
}

/** Accounts of an issuer whose tokens say who somebody is and nothing else. */
export class Accounts {
  readonly #tokens = new Map<string, string>();

  constructor(
    readonly world: World,
    private readonly issuer: OidcIssuer,
  ) {}

  /** The account's only token: the same before, while and after it has a role. */
  async token(subject: string): Promise<string> {
    const kept = this.#tokens.get(subject);
    if (kept) return kept;
    const token = await this.issuer.sign({ sub: subject }, 'yanxiu', MONTH);
    this.#tokens.set(subject, token);
    return token;
  }

  /** How each service answers an account about a unit: `ok` or the code of the refusal. */
  async answers(subject: string, unit: string): Promise<Record<string, unknown>> {
    const token = await this.token(subject);
    const answers: Record<string, unknown> = {};
    for (const [service, query] of Object.entries(QUESTIONS)) {
      const { errors } = await this.world.system.gql(query, { unit }, token);
      answers[service] = errors ? errors[0]?.extensions?.['code'] : 'ok';
    }
    return answers;
  }

  /** Waits until every service answers the account alike: what a role is comes to them by event. */
  async settled(subject: string, unit: string, answer: string): Promise<void> {
    await this.world.eventually(
      () => this.answers(subject, unit),
      (answers) => Object.values(answers).every((each) => each === answer),
      `${subject} to be answered ${answer}`,
    );
  }

  async assign(superior: string, subject: string, role: NewRole): Promise<string> {
    const { assignment } = await this.world.act<{ assignment: { id: string } }>(
      ...(['assignRole', 'AssignRoleInput', { subject, ...role }, 'assignment { id }'] as const),
      await this.token(superior),
    );
    return assignment.id;
  }

  /** The rule by which an assignment is refused. */
  async refusal(superior: string, subject: string, role: NewRole): Promise<unknown> {
    const { code, rule } = await this.world.refusedAct(
      ...(['assignRole', 'AssignRoleInput', { subject, ...role }, 'assignment { id }'] as const),
      await this.token(superior),
    );
    return rule ?? code;
  }

  async end(superior: string, assignmentId: string): Promise<void> {
    await this.world.act(
      ...(['endRoleAssignment', 'EndRoleAssignmentInput', { assignmentId }] as const),
      ...(['assignment { endedAt }', await this.token(superior)] as const),
    );
  }
}
