import type { Actor, Role } from './actor.js';
import { accepted, denied, type Permission } from './decision.js';

/** Whether she acts in one of the roles. */
export const inRole = ({ role }: Pick<Actor, 'role'>, ...roles: readonly Role[]): Permission =>
  roles.includes(role)
    ? accepted()
    : denied(
        `您的角色（${role}）无权进行此操作，需要：${roles.join('、')}。`,
        `Your role (${role}) may not do this; it takes ${roles.join(', ')}.`,
      );

type Line = (actor: never, resource: never) => Permission;
type Resource<L extends Line> = Parameters<L> extends [unknown, ...infer R] ? R : [];

/**
 * The one function of a slice that says whether an actor may take an action on a resource: a line
 * for each action, with what it asks of the actor and of the resource, if there is one yet. Pure,
 * as all rules; who calls it throws its answer ({@link permit}) or acts by it.
 */
export const rights =
  <L extends Readonly<Record<string, Line>>>(lines: L) =>
  <A extends keyof L>(
    actor: Parameters<L[A]>[0],
    action: A,
    ...resource: Resource<L[A]>
  ): Permission =>
    (lines[action] as (...asked: unknown[]) => Permission)(actor, ...resource);

/** Whether all of it holds; of what does not, the first is the answer. */
export const all = (...permissions: readonly Permission[]): Permission =>
  permissions.find((each) => !each.accepted) ?? accepted();
