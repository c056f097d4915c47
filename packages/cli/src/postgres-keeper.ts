import { startPostgres, type PostgresOptions, type RunningPostgres } from './postgres.js';

export interface KeptPostgres {
  url: string;
  port: number;
  stop(): Promise<void>;
  kill(): void;
}

/** Starts the embedded server and, when it ends by itself, starts it again on the same port. */
export const keepPostgres = async (
  options: PostgresOptions & { onPid: (pid: number | undefined) => void; onLost: () => void },
): Promise<KeptPostgres> => {
  const log = options.log ?? (() => undefined);
  let stopping = false;
  let server = await startPostgres(options);
  const { url, port } = server;
  let restarting: Promise<void> = Promise.resolve();
  const watch = (watched: RunningPostgres): void => {
    options.onPid(watched.pid);
    restarting = watched.exited.then(async () => {
      options.onPid(undefined);
      if (stopping) return;
      log('PostgreSQL ENDED UNEXPECTEDLY; starting it again');
      try {
        server = await startPostgres({ ...options, port });
        watch(server);
      } catch (error) {
        log(error instanceof Error ? error.message : String(error));
        options.onLost();
      }
    });
  };
  watch(server);
  return {
    url,
    port,
    kill: () => server.kill(),
    stop: async () => {
      stopping = true;
      await server.stop();
      await restarting;
      await server.stop();
    },
  };
};
