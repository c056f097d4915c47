/** The value below which a share of the values lies; `share` from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  return sorted[place] ?? Number.NaN;
}

/** Median with the lowest and the highest value. */
export function spread(values: readonly number[], digits = 2): string {
  const [low, middle, high] = [0, 0.5, 1].map((share) => quantile(values, share).toFixed(digits));
  return `**${middle}** (${low} – ${high})`;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
