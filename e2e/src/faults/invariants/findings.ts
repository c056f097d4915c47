/** What the invariants found wrong, by what it means for who sent the commands. */
export class Findings {
  readonly lost: string[] = [];
  readonly doubled: string[] = [];
  /** Broken in another way: order, balance, state, an answer that changed. */
  readonly wrong: string[] = [];

  get clean(): boolean {
    return this.lost.length + this.doubled.length + this.wrong.length === 0;
  }

  /** All findings, the first few of each kind in full. */
  lines(): string[] {
    const shown = (kind: string, texts: string[]): string[] => [
      ...texts.slice(0, 5).map((text) => `${kind}: ${text}`),
      ...(texts.length > 5 ? [`${kind}: … and ${texts.length - 5} more`] : []),
    ];
    return [
      ...shown('lost', this.lost),
      ...shown('doubled', this.doubled),
      ...shown('wrong', this.wrong),
    ];
  }
}
