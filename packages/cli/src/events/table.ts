/** Rows under headings, for a terminal; numbers stand at the right. */
export const table = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string => {
  const widths = headings.map((heading, column) =>
    rows.reduce((widest, row) => Math.max(widest, (row[column] ?? '').length), heading.length),
  );
  const numeric = headings.map((_, column) => rows.every((row) => /^\d*$/.test(row[column] ?? '')));
  const line = (row: readonly string[]): string =>
    headings
      .map((_, column) => {
        const text = (row[column] ?? '').replace(/\p{Cc}/gu, ' ');
        const width = widths[column] ?? 0;
        return numeric[column] ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return `${[headings, ...rows].map(line).join('\n')}\n`;
};
