import { SingleBar } from 'cli-progress';

const QUIET_MS = 2_000;
const LINE_MS = 5_000;

/** Where progress is shown: standard error. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Progress of one phase, shown once it has taken two seconds: a bar, or lines without a TTY. */
export class Progress {
  readonly #start: number;
  #shownAt: number | null = null;
  #bar: SingleBar | null = null;

  constructor(
    private readonly label: string,
    private readonly screen: Screen,
    private readonly now: () => number,
  ) {
    this.#start = now();
  }

  /** `total` is null where the end is not known. */
  update(done: number, total: number | null): void {
    const now = this.now();
    if (now - this.#start < QUIET_MS) return;
    if (this.screen.isTTY && total !== null && isWritable(this.screen)) {
      this.#bar ??= startBar(this.label, this.screen, total);
      this.#bar.update(done);
    } else if (this.#shownAt === null || now - this.#shownAt >= LINE_MS) {
      this.#shownAt = now;
      this.screen.write(`${this.label} ${done}${total === null ? '' : `/${total}`}\n`);
    }
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

const startBar = (label: string, stream: NodeJS.WritableStream, total: number): SingleBar => {
  const format = `${label} {bar} {value}/{total} {eta_formatted}`;
  const bar = new SingleBar({ format, stream, hideCursor: false, clearOnComplete: false });
  bar.start(total, 0);
  return bar;
};

const isWritable = (screen: Screen): screen is Screen & NodeJS.WritableStream =>
  'on' in screen && 'end' in screen;
