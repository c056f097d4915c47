import {
  defaultFieldResolver,
  getNamedType,
  isObjectType,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Role } from './actor.js';
import { isActing, isDataClass, reachOf, type DataClass } from './access.js';
import { PERSONAL_CLASSES, noteRead, subjectOf } from './audit/reads.js';
import { requireActor, type Context } from './context.js';
import { forbidden, unauthenticated } from './errors.js';

/** What `@access` says of a type or field. */
interface Access {
  data?: DataClass;
  roles?: readonly (Role | 'ANYONE')[];
}

interface Annotated {
  astNode?: { directives?: readonly ConstDirectiveNode[] } | null;
  extensionASTNodes?: readonly { directives?: readonly ConstDirectiveNode[] }[];
}

/** Types that federation and introspection add. */
const ADDED = new Set(['_Service', '_Entity']);
const ADDED_FIELDS = new Set(['_service', '_entities']);

/**
 * Holds a schema to its `@access`: a field of a class that the actor's role does not reach is
 * refused before its resolver runs, and so is a mutation that the role may not use. What a role
 * does reach is then bounded by the queries: its subtree, its projects, itself.
 * @throws Error that lists every type without a class and every mutation without roles.
 */
export function guardAccess(schema: GraphQLSchema): GraphQLSchema {
  const problems = accessProblems(schema);
  if (problems.length > 0) throw new Error(`@access:\n- ${problems.join('\n- ')}`);
  for (const type of objectTypesOf(schema)) {
    for (const field of Object.values(type.getFields())) {
      if (ADDED_FIELDS.has(field.name)) continue;
      // Whoever asks with a key has it, and the field that leads here was asked before.
      if (keysOf(type).has(field.name)) continue;
      const { data, roles } = accessOf(type, field);
      const resolve = noting(type, data, field.resolve ?? defaultFieldResolver);
      field.resolve = (parent, args, context: Context, info) => {
        if (roles) checkRoles(context, roles);
        for (const each of data) checkClass(context, each);
        return resolve(parent, args, context, info);
      };
    }
  }
  return schema;
}

/** A resolver that notes what it shows of a person, for the audit log. */
function noting(
  type: GraphQLObjectType,
  data: readonly DataClass[],
  resolve: GraphQLFieldResolver<unknown, Context>,
): GraphQLFieldResolver<unknown, Context> {
  const personal = data.find((each) => PERSONAL_CLASSES.has(each));
  if (!personal) return resolve;
  return (parent, args, context, info) => {
    const subject = subjectOf(type.name, parent);
    const value: unknown = resolve(parent, args, context, info);
    if (subject === null) return value;
    const note = (shown: unknown): unknown => {
      if (shown !== null && shown !== undefined) noteRead(context, personal, subject);
      return shown;
    };
    return value instanceof Promise ? value.then(note) : note(value);
  };
}

/** What the SDL lacks, one line for each; empty when every type has its class. */
export function accessProblems(schema: GraphQLSchema): string[] {
  return objectTypesOf(schema).flatMap((type) => {
    const fields = Object.values(type.getFields()).filter(({ name }) => !ADDED_FIELDS.has(name));
    if (type === schema.getMutationType()) {
      return fields
        .filter((field) => !directiveOf(field).roles)
        .map(({ name }) => `Mutation.${name} names no roles: add @access(roles: […])`);
    }
    if (type === schema.getQueryType()) {
      return fields
        .filter((field) => accessOf(type, field).data.length === 0)
        .map(({ name }) => `Query.${name} has no class of data: add @access(data: …)`);
    }
    return directiveOf(type).data ? [] : [`${type.name} has no class: add @access(data: …)`];
  });
}

/** The class of each object type that has one. */
export const classesOf = (schema: GraphQLSchema): Map<string, DataClass> =>
  new Map(
    objectTypesOf(schema).flatMap((type) => {
      const { data } = directiveOf(type);
      return data ? [[type.name, data] as const] : [];
    }),
  );

/**
 * What a field asks of whoever reads it: its own class, else that of the type it stands in; and
 * that of the object type it leads to. A mutation asks for a role.
 */
export function accessOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): { data: readonly DataClass[]; roles?: readonly (Role | 'ANYONE')[] } {
  const { data, roles } = directiveOf(field);
  if (roles) return { data: [], roles };
  const target = getNamedType(field.type);
  const classes = [
    data ?? directiveOf(type).data,
    isObjectType(target) ? directiveOf(target).data : undefined,
  ];
  return { data: [...new Set(classes.filter((each) => each !== undefined))] };
}

const objectTypesOf = (schema: GraphQLSchema): GraphQLObjectType[] =>
  Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType =>
      isObjectType(type) && !type.name.startsWith('__') && !ADDED.has(type.name),
  );

function directivesOf({ astNode, extensionASTNodes }: Annotated, wanted: string) {
  const directives = [astNode, ...(extensionASTNodes ?? [])].flatMap(
    (node) => node?.directives ?? [],
  );
  return directives.filter(({ name }) => name.value === wanted);
}

/** The names of the fields in an entity's keys. */
function keysOf(type: Annotated): Set<string> {
  const texts = directivesOf(type, 'key').flatMap(({ arguments: given }) =>
    (given ?? []).flatMap(({ value }) => (value.kind === 'StringValue' ? [value.value] : [])),
  );
  return new Set(texts.flatMap((text) => text.split(/\W+/)));
}

function directiveOf(annotated: Annotated): Access {
  const access: Access = {};
  for (const directive of directivesOf(annotated, 'access')) {
    for (const { name, value } of directive.arguments ?? []) {
      if (name.value === 'data' && value.kind === 'EnumValue' && isDataClass(value.value)) {
        access.data = value.value;
      }
      if (name.value === 'roles' && value.kind === 'ListValue') {
        access.roles = value.values.flatMap((each) =>
          each.kind === 'EnumValue' && isActing(each.value) ? [each.value] : [],
        );
      }
    }
  }
  return access;
}

function checkRoles(context: Context, roles: readonly (Role | 'ANYONE')[]): void {
  if (roles.includes('ANYONE')) return;
  requireActor(context, ...roles.filter((role) => role !== 'ANYONE'));
}

function checkClass({ actor, refusal }: Context, data: DataClass): void {
  if (reachOf(actor, data) !== 'NONE') return;
  if (!actor) throw refusal ?? unauthenticated();
  throw forbidden(
    `您的角色（${actor.role}）无权查看此类数据（${data}）。`,
    `Your role (${actor.role}) may not read this kind of data (${data}).`,
  );
}
