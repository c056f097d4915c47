import { compact, type Cell } from './text.js';

const STAGES: Readonly<Record<string, string>> = {
  幼儿园: 'KINDERGARTEN',
  学前: 'KINDERGARTEN',
  学前教育: 'KINDERGARTEN',
  小学: 'PRIMARY',
  初中: 'JUNIOR_SECONDARY',
  高中: 'SENIOR_SECONDARY',
  普通高中: 'SENIOR_SECONDARY',
  特殊教育: 'SPECIAL',
  特教: 'SPECIAL',
  中职: 'SECONDARY_VOCATIONAL',
  中等职业: 'SECONDARY_VOCATIONAL',
  中等职业教育: 'SECONDARY_VOCATIONAL',
  高校: 'HIGHER',
  高等教育: 'HIGHER',
};

const LADDERS: Readonly<Record<string, string>> = {
  新任: 'NEW',
  转岗: 'NEW',
  '新任、转岗': 'NEW',
  青年: 'YOUNG',
  骨干: 'BACKBONE',
  名师: 'MASTER',
  名校长: 'MASTER',
  '名师、名校长': 'MASTER',
};

const valueOf = (terms: Readonly<Record<string, string>>, text: string): string | null => {
  if (Object.hasOwn(terms, text)) return terms[text] ?? null;
  const value = text.toUpperCase().replace(/-/g, '_');
  return Object.values(terms).includes(value) ? value : null;
};

/** The value of Stage (学段) that a cell names; null when it names none. */
export const stageOf = (cell: Cell | undefined): string | null => valueOf(STAGES, compact(cell));

/** The value of Ladder (梯次) that a cell names, also as 骨干教师; null when it names none. */
export const ladderOf = (cell: Cell | undefined): string | null =>
  valueOf(LADDERS, compact(cell).replace(/教师$/, ''));

const termOf = (terms: Readonly<Record<string, string>>, value: string): string =>
  Object.entries(terms).find(([, known]) => known === value)?.[0] ?? value;

/** The usual term of a value of Stage. */
export const stageTerm = (value: string): string => termOf(STAGES, value);

/** The usual term of a value of Ladder. */
export const ladderTerm = (value: string): string => termOf(LADDERS, value);
