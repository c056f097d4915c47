import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { makeKeyFolder } from './key-folder.js';

/** What a token of the local issuer says; the actor of `docs/architecture.md`. */
export interface Claims {
  readonly sub: string;
  readonly role: string;
  /** Code of the OrgUnit acted for. */
  readonly unit: string;
  /** Code of the TrainingInstitution, for role INSTITUTION. */
  readonly institution?: string;
  /** Id of the Teacher, for role TEACHER. */
  readonly teacher?: string;
  readonly name?: string;
}

/** A row of `personas.json`, as the seeder writes it. */
export interface Persona {
  readonly persona: string;
  /** The Chinese name shown to a person. */
  readonly zh: string;
  readonly role: string;
  readonly unit: string;
  readonly name?: string;
  readonly institution?: string;
}

/** `<data folder>/personas.json`: who can be impersonated on this installation. */
export interface PersonaDirectory {
  readonly personas: readonly Persona[];
  readonly teachersByUnit: Readonly<Record<string, readonly string[]>>;
  readonly institutions: readonly string[];
  /** Codes of all org units, when the seeder lists them: then another code is refused. */
  readonly units?: readonly string[];
}

/** A question about personas that cannot be answered; the message says what exists. */
export class PersonaError extends Error {
  override readonly name = 'PersonaError';
}

/** Longest life of a local token: 12 h. */
export const MAX_TTL_SECONDS = 43_200;

const ALGORITHM = 'ES256';

function issuerFolder(dataDir: string): string {
  return resolve(dataDir, 'issuer');
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

function isAbsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

async function newIssuer(): Promise<Record<string, object>> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const about = { kid: await calculateJwkThumbprint(publicJwk), alg: ALGORITHM, use: 'sig' };
  return {
    'jwks.json': { keys: [{ ...publicJwk, ...about }] },
    'issuer.json': { issuer: `urn:yanxiu:local:${randomUUID()}` },
    'private.jwk.json': { ...(await exportJWK(pair.privateKey)), ...about },
  };
}

/**
 * The local issuer of a data folder, made on first use: its name, and the file with its public
 * keys.
 */
export async function ensureLocalIssuer(
  dataDir: string,
): Promise<{ issuer: string; jwksFile: string }> {
  const folder = issuerFolder(dataDir);
  const jwksFile = join(folder, 'jwks.json');
  const existing = await readIssuer(folder);
  if (existing !== null) return { issuer: existing, jwksFile };
  await makeKeyFolder(folder, await newIssuer());
  const issuer = await readIssuer(folder);
  if (issuer === null) throw new Error(`${folder} has no issuer.json: remove the folder`);
  return { issuer, jwksFile };
}

async function readIssuer(folder: string): Promise<string | null> {
  try {
    return (await readJson<{ issuer: string }>(join(folder, 'issuer.json'))).issuer;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** A signed token of the local issuer, for at most 12 h. */
export async function mintToken(
  dataDir: string,
  claims: Claims,
  options: { ttlSeconds?: number; audience?: string } = {},
): Promise<string> {
  const ttl = options.ttlSeconds ?? MAX_TTL_SECONDS;
  if (!Number.isInteger(ttl) || ttl > MAX_TTL_SECONDS) {
    throw new Error(`a local token lasts at most ${MAX_TTL_SECONDS} s, not ${ttl}`);
  }
  const { issuer } = await ensureLocalIssuer(dataDir);
  const jwk = await readJson<JWK>(join(issuerFolder(dataDir), 'private.jwk.json'));
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: ALGORITHM, kid: jwk.kid ?? '', typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(options.audience ?? 'yanxiu')
    .setIssuedAt(now)
    .setExpirationTime(now + ttl)
    .sign(await importJWK(jwk, ALGORITHM));
}

/** Who can be impersonated here; null before the first seeding. */
export async function readPersonas(dataDir: string): Promise<PersonaDirectory | null> {
  try {
    return await readJson<PersonaDirectory>(resolve(dataDir, 'personas.json'));
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** At most 20 of `values`, for an error message. */
function listed(values: readonly string[]): string {
  const more = values.length > 20 ? ` … (${values.length} in all)` : '';
  return values.slice(0, 20).join(', ') + more;
}

function required(value: string, known: readonly string[], what: string): string {
  if (known.includes(value)) return value;
  throw new PersonaError(`unknown ${what} "${value}"; there are: ${listed(known)}`);
}

function teacherClaims(directory: PersonaDirectory, row: Persona, unit: string, n: number): Claims {
  required(unit, Object.keys(directory.teachersByUnit), 'unit with teachers');
  const teachers = directory.teachersByUnit[unit] ?? [];
  const teacher = teachers[n - 1];
  if (teacher === undefined) {
    throw new PersonaError(`unit ${unit} has ${teachers.length} teachers: there is no n=${n}`);
  }
  return { sub: teacher, role: row.role, unit, teacher };
}

function institutionClaims(
  directory: PersonaDirectory,
  row: Persona,
  org: string | undefined,
  n: number,
): Claims {
  const code = org ?? row.institution ?? directory.institutions[0] ?? '';
  const institution = required(code, directory.institutions, 'institution');
  const sub = `${row.persona}:${institution}:${n}`;
  return { sub, role: row.role, unit: row.unit, institution };
}

/** The claims of a persona: for another unit or institution with `org`, another person with `n`. */
export async function personaClaims(
  dataDir: string,
  persona: string,
  options: { org?: string; n?: number } = {},
): Promise<Claims> {
  const directory = await readPersonas(dataDir);
  if (directory === null) {
    throw new PersonaError(`no personas in ${resolve(dataDir)} yet: run "yanxiu seed" first`);
  }
  const names = directory.personas.map((each) => each.persona);
  const row = directory.personas.find((each) => each.persona === persona);
  if (row === undefined) {
    throw new PersonaError(`unknown persona "${persona}"; there are: ${names.join(', ')}`);
  }
  const { org, n = 1 } = options;
  if (!Number.isInteger(n) || n < 1) throw new PersonaError('n is a whole number from 1');
  if (row.role === 'INSTITUTION') return institutionClaims(directory, row, org, n);
  const unit = org ?? row.unit;
  if (row.role === 'TEACHER') return teacherClaims(directory, row, unit, n);
  if (org !== undefined) checkUnit(directory, org);
  const name = org === undefined && n === 1 && row.name !== undefined ? { name: row.name } : {};
  // An evaluator acts for an agency, which is no unit of the tree.
  const institution = row.institution === undefined ? {} : { institution: row.institution };
  return { sub: `${row.persona}:${unit}:${n}`, role: row.role, unit, ...institution, ...name };
}

function checkUnit(directory: PersonaDirectory, org: string): void {
  if (directory.units !== undefined) {
    required(org, directory.units, 'org unit');
    return;
  }
  const known = directory.personas.map((each) => each.unit);
  const codes = [...new Set([...known, ...Object.keys(directory.teachersByUnit)])];
  if (!/^[0-9A-Z-]{2,40}$/.test(org)) required(org, codes, 'org unit');
}
