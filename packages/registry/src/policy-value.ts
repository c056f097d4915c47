import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { POLICY_KEYS, type PolicyKey } from './policy-keys.js';

const ajv = new Ajv2020({ allErrors: true, strict: false });
const validators = new Map<string, ValidateFunction>();

/** The key's definition, when it is one and `value` has the shape that it asks. */
export function fits(key: string, value: unknown): Decision<PolicyKey> {
  const definition = Object.hasOwn(POLICY_KEYS, key) ? POLICY_KEYS[key] : undefined;
  if (!definition) {
    return refused(
      'POLICY-KEY',
      `没有名为 ${key} 的政策参数。`,
      `There is no parameter "${key}"; the keys are listed by the query policies.`,
    );
  }
  let validate = validators.get(key);
  if (!validate) validators.set(key, (validate = ajv.compile(definition.schema)));
  if (validate(value)) return accepted(definition);
  const reason = ajv.errorsText(validate.errors, { dataVar: 'value' });
  return refused(
    'POLICY-VALUE',
    `参数 ${key} 的值不合规（${reason}）。`,
    `The value does not fit the parameter ${key}: ${reason}.`,
    { schema: definition.schema },
  );
}
