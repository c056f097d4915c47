import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const jars = join(here, 'target/jars');
const stamp = join(here, 'target/pom.sha256');
const windows = process.platform === 'win32';

/** The `java` to run: of JAVA_HOME when that is set. */
export function java() {
  const home = process.env.JAVA_HOME;
  return home ? join(home, 'bin', windows ? 'java.exe' : 'java') : 'java';
}

function answers(command, args) {
  return spawnSync(command, args, { stdio: 'ignore', shell: windows }).status === 0;
}

function pomHash() {
  return createHash('sha256').update(readFileSync(join(here, 'pom.xml'))).digest('hex');
}

function resolved() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === pomHash();
}

/** What is missing to start Kafka here, or undefined when nothing is. */
export function whatIsMissing() {
  if (!answers(java(), ['-version'])) return 'Java 17 or newer (apt: openjdk-17-jre-headless)';
  if (!resolved() && !answers('mvn', ['-v'])) return 'Maven (apt: maven)';
  return undefined;
}

function maven(args) {
  return new Promise((resolve, reject) => {
    const run = spawn('mvn', args, { cwd: here, shell: windows });
    let output = '';
    run.stdout.on('data', (chunk) => (output += chunk));
    run.stderr.on('data', (chunk) => (output += chunk));
    run.on('error', reject);
    run.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`Maven failed:\n${output.slice(-2000)}`)),
    );
  });
}

/** Kafka's class path; asks Maven only when pom.xml has changed since the last time. */
export async function classPath() {
  if (!resolved()) {
    rmSync(jars, { recursive: true, force: true });
    mkdirSync(jars, { recursive: true });
    const copy = 'dependency:copy-dependencies';
    await maven(['-q', '-B', copy, `-DoutputDirectory=${jars}`, '-DincludeScope=runtime']);
    writeFileSync(stamp, pomHash());
  }
  return join(jars, '*');
}
