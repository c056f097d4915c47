import { SingleBar } from 'cli-progress';

/** Told what part of the work is done. */
export interface Progress {
  show(done: number, total: number, what: string): void;
  end(): void;
}

const LINE_EVERY_MS = 2_000;

/** A bar where stderr is a terminal, a plain line every two seconds elsewhere. */
export function stderrProgress(log: (line: string) => void): Progress {
  return process.stderr.isTTY ? barProgress() : lineProgress(log);
}

function barProgress(): Progress {
  const bar = new SingleBar({
    format: '{bar} {percentage} % | {value}/{total} | {what}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    stream: process.stderr,
    hideCursor: true,
  });
  let started = false;
  return {
    show: (done, total, what) => {
      if (!started) bar.start(total, done, { what });
      started = true;
      bar.update(done, { what });
    },
    end: () => bar.stop(),
  };
}

/** One line of text from time to time. */
export function lineProgress(log: (line: string) => void): Progress {
  let next = Date.now() + LINE_EVERY_MS;
  return {
    show: (done, total, what) => {
      if (Date.now() < next) return;
      next = Date.now() + LINE_EVERY_MS;
      log(`  ${Math.floor((100 * done) / Math.max(1, total))} % (${done}/${total}) ${what}`);
    },
    end: () => undefined,
  };
}
