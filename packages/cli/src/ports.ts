import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const handedOut = new Set<number>();

/** Whether the port can be listened on now; otherwise why not, as the system's error code. */
export const portProblem = (port: number, host: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });

/** A port of 127.0.0.1 that nobody listens on and that this process has not given out before. */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if ((await portProblem(port, '127.0.0.1')) === undefined) return port;
    handedOut.delete(port);
  }
  throw new Error(`no free port found between ${FIRST_PORT} and ${LAST_PORT}`);
};
