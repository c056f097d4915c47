import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { ValidateFunction } from 'ajv';
import type { Contract, DataOf } from './contract.js';
import { contractOf } from './catalogue.js';

/**
 * CloudEvents 1.0, structured JSON mode, with our extension attributes (lower case, as the spec
 * asks).
 */
export interface Envelope<D = unknown> {
  specversion: '1.0';
  id: string;
  /** `/yanxiu/<service>` */
  source: string;
  type: string;
  /** The aggregate's id: the message key. */
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  /** The event's own number on its topic and key: 1, 2, 3 … */
  aggregateversion: number;
  correlationid: string;
  causationid?: string;
  data: D;
}

export type EventOf<C extends Contract> = Envelope<DataOf<C>>;

/** Why a message cannot be taken as an event; stable, shown with a dead letter. */
export type EnvelopeFault =
  | 'BAD_JSON'
  | 'BAD_ENVELOPE'
  | 'UNKNOWN_TYPE'
  | 'BAD_DATA'
  /** Not of the topic's owner, or of a type that belongs to another topic. */
  | 'WRONG_ORIGIN';

export class EnvelopeError extends Error {
  constructor(
    readonly fault: EnvelopeFault,
    detail: string,
  ) {
    super(`${fault}: ${detail}`);
  }
}

// ajv-formats is CommonJS: under NodeNext its default export is the module object.
const addFormats = addFormatsModule.default;
const ajv = addFormats(new Ajv2020({ allErrors: true, strict: false }));

/** The envelope as a JSON Schema; `data` is what the type's own schema says. */
export const envelopeSchema = {
  type: 'object',
  required: [
    'specversion',
    'id',
    'source',
    'type',
    'subject',
    'time',
    'datacontenttype',
    'aggregateversion',
    'correlationid',
    'data',
  ],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', format: 'uuid' },
    source: { type: 'string', pattern: '^/yanxiu/' },
    type: { type: 'string' },
    subject: { type: 'string', minLength: 1 },
    time: { type: 'string', format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    aggregateversion: { type: 'integer', minimum: 1 },
    correlationid: { type: 'string' },
    causationid: { type: 'string' },
    data: { type: 'object' },
  },
};

const validateEnvelope = ajv.compile<Envelope>(envelopeSchema);

const validators = new Map<string, ValidateFunction>();

function validatorOf(contract: Contract): ValidateFunction {
  let validate = validators.get(contract.type);
  if (!validate) validators.set(contract.type, (validate = ajv.compile(contract.schema)));
  return validate;
}

/**
 * Refuses data that does not fit its contract; unknown extra fields are let through (forward
 * compatibility).
 */
export function assertData(contract: Contract, data: unknown): void {
  const validate = validatorOf(contract);
  if (!validate(data)) throw new EnvelopeError('BAD_DATA', ajv.errorsText(validate.errors));
}

/**
 * Parses a message's value; what is no CloudEvents envelope of ours throws an {@link
 * EnvelopeError}.
 */
export function parseEnvelope(value: string): Envelope {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (error) {
    throw new EnvelopeError('BAD_JSON', (error as Error).message);
  }
  if (!validateEnvelope(parsed)) {
    throw new EnvelopeError('BAD_ENVELOPE', ajv.errorsText(validateEnvelope.errors));
  }
  return parsed;
}

/** Checks `data` against the contract that the envelope's type names. */
export function assertContract(envelope: Envelope): void {
  const contract = contractOf(envelope.type);
  if (!contract) throw new EnvelopeError('UNKNOWN_TYPE', envelope.type);
  assertData(contract, envelope.data);
}
