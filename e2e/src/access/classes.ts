import { fileURLToPath } from 'node:url';
import { parse } from 'graphql';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { isObjectType } from 'graphql';
import type { DataClass } from '@yanxiu/subgraph/access';
import { accessOf } from '@yanxiu/subgraph/access-guard';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { commonSdl } from '@yanxiu/subgraph/service-sdl';

const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'];

/** `Type.field` → the classes that the services' SDL asks for. */
export function classesOfFields(): Map<string, readonly DataClass[]> {
  const classes = new Map<string, readonly DataClass[]>();
  for (const name of SERVICES) {
    const folder = fileURLToPath(new URL(`../../../services/${name}/src`, import.meta.url));
    const schema = buildSubgraphSchema({
      typeDefs: parse(`${serviceSdl(folder)}\n${commonSdl(name)}`),
    });
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type === schema.getMutationType()) continue;
      for (const field of Object.values(type.getFields())) {
        const { data } = accessOf(type, field);
        classes.set(`${type.name}.${field.name}`, data);
      }
    }
  }
  return classes;
}
