import type { Asker, System } from '@yanxiu/testkit/system';

/** Inputs that are not named after their command. */
const INPUTS: Readonly<Record<string, string>> = { submitTrainingProject: 'ProjectStepInput' };

/** Gives a command that must work; `selection` of its payload. */
export async function act(
  system: System,
  name: string,
  input: object,
  selection: string,
  asker: Asker,
): Promise<Record<string, unknown>> {
  const type = INPUTS[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
  const { data, errors } = await system.gql(document, { input }, asker);
  if (!data || errors) throw new Error(`${name}: ${JSON.stringify(errors)}`);
  return data[name] as Record<string, unknown>;
}

/** As {@link act}; the id of what stands in the payload under this name. */
export async function made(
  system: System,
  name: string,
  input: object,
  of: string,
  asker: Asker,
): Promise<string> {
  const payload = await act(system, name, input, `${of} { id }`, asker);
  return (payload[of] as { id: string }).id;
}
