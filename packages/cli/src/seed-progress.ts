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

const BAR = 30;

/** A bar in the title of a task that something else draws; plain lines without a terminal. */
export function titleProgress(setTitle: (title: string) => void): Progress {
  if (!process.stderr.isTTY) {
    return lineProgress((line) => void process.stderr.write(`${line}\n`));
  }
  return {
    show: (done, total, what) => {
      const full = Math.floor((BAR * done) / Math.max(1, total));
      const bar = '█'.repeat(full) + '░'.repeat(BAR - full);
      setTitle(`Load the province ${bar} ${done}/${total} ${what}`);
    },
    end: () => setTitle('Load the province'),
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
