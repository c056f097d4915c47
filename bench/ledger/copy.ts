import type pg from 'pg';

/** What node-postgres gives to whatever is submitted in the place of a query. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  stream: NodeJS.WritableStream & { writableNeedDrain: boolean };
}

/** Sends the lines of a COPY … FROM STDIN, waiting where the server cannot follow. */
class CopyIn {
  readonly done: Promise<void>;
  #settle!: { resolve(): void; reject(error: Error): void };

  constructor(
    private readonly text: string,
    private readonly chunks: Iterable<string>,
  ) {
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  submit(wire: Wire): void {
    wire.query(this.text);
  }

  handleCopyInResponse(wire: Wire): void {
    void (async () => {
      for (const chunk of this.chunks) {
        wire.sendCopyFromChunk(Buffer.from(chunk));
        if (wire.stream.writableNeedDrain) {
          await new Promise((resolve) => wire.stream.once('drain', resolve));
        }
      }
      wire.endCopyFrom();
    })();
  }

  handleError(error: Error): void {
    this.#settle.reject(error);
  }

  handleReadyForQuery(): void {
    this.#settle.resolve();
  }

  handleCommandComplete(): void {}
}

const LINES_AT_ONCE = 500;

/** Copies rows, already written as lines of COPY's text format, into a table. */
export async function copyInto(
  client: pg.Client,
  table: string,
  lines: Iterable<string>,
): Promise<void> {
  const copy = new CopyIn(`COPY ${table} FROM STDIN`, chunksOf(lines));
  client.query(copy as never);
  await copy.done;
}

function* chunksOf(lines: Iterable<string>): Generator<string> {
  let [chunk, count] = ['', 0];
  for (const line of lines) {
    chunk += `${line}\n`;
    count += 1;
    if (count % LINES_AT_ONCE) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk) yield chunk;
}
