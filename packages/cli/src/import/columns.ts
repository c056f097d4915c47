import { compact, type Cell } from './text.js';

/** The columns of a kind of file. */
export interface Columns<F extends string> {
  required: readonly F[];
  /** Headings as offices write them; the first is the one that we ask for. */
  headings: Readonly<Record<F, readonly string[]>>;
}

/** Without blanks, marks and what stands in brackets: "身份证号*（18位）" is 身份证号. */
const keyOf = (heading: Cell | undefined): string =>
  compact(heading)
    .replace(/[(【[].*?[)】\]]/g, '')
    .replace(/[*:_\-.★]/g, '')
    .toLowerCase();

const fieldsOf = <F extends string>({ headings }: Columns<F>): ReadonlyMap<string, F> =>
  new Map(
    (Object.entries(headings) as [F, readonly string[]][]).flatMap(([field, names]) =>
      names.map((heading) => [keyOf(heading), field] as const),
    ),
  );

/** A column of the file: where it is and what its heading says. */
export interface Column {
  index: number;
  heading: string;
}

/** What a header row says. */
export interface Header<F extends string> {
  columns: ReadonlyMap<F, Column>;
  /** Fields that two columns claim, with the headings of both. */
  doubled: [string, string][];
  unused: string[];
}

/** Fewer known headings than this are a title or a note, not a header. */
const ENOUGH = 3;

/** The row as a header; null when it is none. */
export const headerOf = <F extends string>(
  cells: readonly Cell[],
  wanted: Columns<F>,
): Header<F> | null => {
  const fieldOf = fieldsOf(wanted);
  const columns = new Map<F, Column>();
  const doubled: [string, string][] = [];
  const unused: string[] = [];
  for (const [index, cell] of cells.entries()) {
    const heading = compact(cell);
    const field = fieldOf.get(keyOf(cell));
    const earlier = field && columns.get(field);
    if (earlier) doubled.push([earlier.heading, heading]);
    else if (field) columns.set(field, { index, heading });
    else if (heading) unused.push(heading);
  }
  return columns.size >= ENOUGH ? { columns, doubled, unused } : null;
};

/** 0 → A, 26 → AA. */
export const letterOf = (index: number): string => {
  const rest = Math.floor(index / 26);
  const last = String.fromCharCode(65 + (index % 26));
  return rest > 0 ? letterOf(rest - 1) + last : last;
};
