import { actAs, type Assignment } from '@yanxiu/subgraph/acting';
import type { Actor, Role } from '@yanxiu/subgraph/actor';
import { localDate } from '@yanxiu/subgraph/calendar';
import type { SubgraphDataSource } from './data-source.js';
import type { RequestScope } from './request-scope.js';

/** How long an answer is kept: the gateway's limits may lag so far behind, no decision does. */
const KEPT_MS = 5_000;
const MAX_KEPT = 10_000;

const QUERY = `{ myAssignments { id role unit { code } institutionCode teacherId } }`;

interface Held {
  id: string;
  role: Role;
  unit: { code: string } | null;
  institutionCode: string | null;
  teacherId: string | null;
}

/**
 * As whom an account acts, for the limits of the gateway: who may ask freely, see the schema, and
 * how much. What it may see each subgraph decides from its own copy.
 */
export class Roles {
  readonly #kept = new Map<string, { until: number; held: readonly Assignment[] }>();

  constructor(
    /** The subgraph that registers roles. */
    private readonly registry: () => Pick<SubgraphDataSource, 'ask'> | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** Null without a login, and for an account that does not act in a role or not in one alone. */
  async actorOf(scope: RequestScope): Promise<Actor | null> {
    const { identity, forwarded } = scope;
    if (!identity) return null;
    const held = identity.claims ? [] : await this.#heldBy(identity.subject, scope);
    return actAs(identity, held, localDate(new Date(this.now())), forwarded['yanxiu-acting-as'])
      .actor;
  }

  async #heldBy(subject: string, scope: RequestScope): Promise<readonly Assignment[]> {
    const kept = this.#kept.get(subject);
    if (kept && kept.until > this.now()) return kept.held;
    const answer = await this.registry()?.ask(QUERY, scope);
    if (!answer) return [];
    const held = (answer['myAssignments'] as Held[]).map(toAssignment);
    this.#kept.delete(subject);
    this.#kept.set(subject, { until: this.now() + KEPT_MS, held });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return held;
  }
}

/** The registry answers with what holds today and with nothing else. */
const toAssignment = ({ id, role, unit, institutionCode, teacherId }: Held): Assignment => ({
  id,
  role,
  unit: unit?.code ?? '',
  institution: institutionCode,
  teacher: teacherId,
  validFrom: '',
  validTo: null,
  endedAt: null,
});
