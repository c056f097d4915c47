import { createServer, type Server, type Socket, connect } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What stands between a client and a server: one connection of each. */
export interface Link {
  /** The client id that a Kafka client tells first; empty with other protocols. */
  client: string;
  down: Socket;
  up: Socket;
}

/** What the wire does while a fault is on; by default it only carries. */
export interface Weather {
  /** Links that it is for; all when not given. */
  among?: (link: Link) => boolean;
  /** Milliseconds that each piece of data waits, either way. */
  latencyMs?: number;
  /** Carries nothing until the weather changes; what was sent then arrives late. */
  blackHole?: boolean;
  /** Cuts every link at once, and every new one. */
  reset?: boolean;
  /** Cuts every link once; new ones are carried. */
  cutOnce?: boolean;
}

/** Acts on what a client sends: the first request that `wants` it. */
export interface Snare {
  wants: (data: Buffer, link: Link) => boolean;
  /** How much of that request goes on: all of it, or only a part. */
  share: number;
  /** Called once the data has left; nothing that the server says comes back on this link. */
  caught: (link: Link) => void;
}

/** What the proxy itself has counted: whether a fault was hit is not the service's to say. */
export interface Counts {
  links: number;
  delayed: number;
  held: number;
  cut: number;
  caught: number;
}

/** A TCP proxy on 127.0.0.1 whose wire can be made bad. */
export class Proxy {
  readonly counts: Counts = { links: 0, delayed: 0, held: 0, cut: 0, caught: 0 };
  readonly links = new Set<Link>();
  #weather: Weather = {};
  #changed: (() => void)[] = [];
  #snare: Snare | undefined;

  private constructor(
    readonly server: Server,
    private readonly target: () => number,
    private readonly kafka: boolean,
  ) {}

  static async start(target: () => number, kafka = false): Promise<Proxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new Proxy(server, target, kafka);
    server.on('connection', (socket) => proxy.#accept(socket));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Changes the weather; what a black hole has kept goes on its way. */
  setWeather(weather: Weather): void {
    this.#weather = weather;
    for (const wake of this.#changed.splice(0)) wake();
    if (!weather.reset && !weather.cutOnce) return;
    for (const link of [...this.links]) if (this.#concerns(link)) this.#cut(link);
  }

  setSnare(snare: Snare | undefined): void {
    this.#snare = snare;
  }

  async stop(): Promise<void> {
    this.setWeather({});
    for (const { down, up } of this.links) {
      down.destroy();
      up.destroy();
    }
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  #concerns(link: Link): boolean {
    return this.#weather.among?.(link) ?? true;
  }

  #cut(link: Link): void {
    this.counts.cut += 1;
    link.down.resetAndDestroy();
    link.up.destroy();
  }

  #accept(down: Socket): void {
    const up = connect(this.target(), '127.0.0.1');
    const link: Link = { client: '', down, up };
    this.links.add(link);
    this.counts.links += 1;
    down.setNoDelay(true);
    up.setNoDelay(true);
    let deaf = false;
    this.#carry(link, down, async (data) => {
      if (this.kafka && link.client === '') link.client = clientId(data);
      const snare = this.#snare;
      if (!snare?.wants(data, link)) return void up.write(data);
      this.#snare = undefined;
      deaf = true;
      this.counts.caught += 1;
      const part = data.subarray(0, Math.ceil(data.length * snare.share));
      up.write(part, () => snare.caught(link));
    });
    this.#carry(link, up, async (data) => void (deaf || down.write(data)));
    const end = (): void => {
      this.links.delete(link);
      down.destroy();
      up.destroy();
    };
    for (const socket of [down, up]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  }

  /** Hands on what comes from a socket, in its order, as the weather allows. */
  #carry(link: Link, from: Socket, hand: (data: Buffer) => Promise<void>): void {
    let last = Promise.resolve();
    from.on('data', (data: Buffer) => {
      const arrived = performance.now();
      last = last.then(async () => {
        await this.#pass(link, arrived);
        if (!from.destroyed || this.links.has(link)) await hand(data);
      });
    });
  }

  async #pass(link: Link, arrived: number): Promise<void> {
    if (!this.#concerns(link)) return;
    if (this.#weather.reset) return this.#cut(link);
    if (this.#weather.blackHole) this.counts.held += 1;
    while (this.#weather.blackHole && this.#concerns(link)) {
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
    const left = (this.#weather.latencyMs ?? 0) - (performance.now() - arrived);
    if (left <= 0) return;
    this.counts.delayed += 1;
    await new Promise((resolve) => setTimeout(resolve, left));
  }
}

/** The client id in the header of a Kafka request. */
function clientId(request: Buffer): string {
  if (request.length < 14) return '?';
  const length = request.readInt16BE(12);
  return length > 0 ? request.subarray(14, 14 + length).toString() : '?';
}
