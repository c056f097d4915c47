/** What a process with one task tells whoever started it, over its IPC channel. */
export type RoleMessage<R> =
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'result'; result: R }
  | { kind: 'failed'; message: string };

/**
 * Runs the one task of this process and ends it: 0 when it is done, 1 when it failed.
 */
export async function runTask<R>(task: () => Promise<R>): Promise<never> {
  try {
    await tell<R>({ kind: 'result', result: await task() });
    process.exit(0);
  } catch (error) {
    await tell<R>({
      kind: 'failed',
      message: error instanceof Error ? error.message : String(error),
    });
    process.exit(1);
  }
}

export const tellProgress = (done: number, total: number): void =>
  void tell({ kind: 'progress', done, total });

/** The value of `--name VALUE` on the command line. */
export function optionOf(name: string): string | undefined {
  const index = process.argv.indexOf(name);
  return index >= 0 ? process.argv[index + 1] : undefined;
}

function tell<R>(message: RoleMessage<R>): Promise<void> {
  if (!process.send) {
    process.stdout.write(`${JSON.stringify(message)}\n`);
    return Promise.resolve();
  }
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}
