import { instant } from './calendar.js';
import type { Sector } from './figures.js';
import { uuid7, type Random } from './random.js';
import { PROVINCE } from './tree.js';

/** What an institution can be accredited for, and what projects are about. */
export const CATEGORIES = {
  SUBJECT_TEACHING: '学科教学能力提升',
  INDUCTION: '新任教师岗前培训',
  LEADERSHIP: '校园长任职能力',
  DIGITAL: '信息技术应用能力',
  VOCATIONAL_SKILLS: '专业技能与“双师型”',
  SCHOOL_BASED: '校本研修',
} as const;
export type Category = keyof typeof CATEGORIES;

export interface Institution {
  id: string;
  code: string;
  name: string;
  kind: 'NORMAL_UNIVERSITY' | 'UNIVERSITY' | 'DEVELOPMENT_BODY' | 'BASE_SCHOOL' | 'ENTERPRISE';
  /** The unit that registers and accredits it. */
  byUnit: string;
  sectors: readonly Sector[];
  categories: readonly Category[];
  /** How much better or worse than others, in points of five. */
  effect: number;
}

type Sketch = Pick<Institution, 'name' | 'kind' | 'byUnit' | 'sectors' | 'categories'>;

const GENERAL: readonly Category[] = ['SUBJECT_TEACHING', 'INDUCTION', 'LEADERSHIP', 'DIGITAL'];

const SKETCHES: readonly Sketch[] = [
  {
    name: '三晋师范学院（虚构）',
    kind: 'NORMAL_UNIVERSITY',
    byUnit: PROVINCE,
    sectors: ['BASIC', 'VOCATIONAL', 'HIGHER'],
    categories: GENERAL,
  },
  {
    name: '汾河理工大学（虚构）',
    kind: 'UNIVERSITY',
    byUnit: PROVINCE,
    sectors: ['VOCATIONAL', 'HIGHER'],
    categories: ['SUBJECT_TEACHING', 'VOCATIONAL_SKILLS', 'DIGITAL'],
  },
  {
    name: '长治市教师发展中心（虚构）',
    kind: 'DEVELOPMENT_BODY',
    byUnit: '140400',
    sectors: ['BASIC', 'VOCATIONAL'],
    categories: [...GENERAL, 'VOCATIONAL_SKILLS'],
  },
  {
    name: '晋中市教师发展中心（虚构）',
    kind: 'DEVELOPMENT_BODY',
    byUnit: '140700',
    sectors: ['BASIC', 'VOCATIONAL'],
    categories: GENERAL,
  },
  {
    name: '上党研修基地学校（虚构）',
    kind: 'BASE_SCHOOL',
    byUnit: '140400',
    sectors: ['BASIC'],
    categories: ['SUBJECT_TEACHING', 'INDUCTION'],
  },
  {
    name: '太行智造实训基地（虚构）',
    kind: 'ENTERPRISE',
    byUnit: '140400',
    sectors: ['VOCATIONAL'],
    categories: ['VOCATIONAL_SKILLS'],
  },
  {
    name: '云上研修科技（虚构）',
    kind: 'ENTERPRISE',
    byUnit: PROVINCE,
    sectors: ['BASIC', 'VOCATIONAL', 'HIGHER'],
    categories: ['DIGITAL', 'SUBJECT_TEACHING'],
  },
  {
    name: '平遥古城研学中心（虚构）',
    kind: 'ENTERPRISE',
    byUnit: '140700',
    sectors: ['BASIC'],
    categories: ['SUBJECT_TEACHING', 'LEADERSHIP'],
  },
];

/** The institution that finished projects rate badly, so that it is suspended in the end. */
export const POOR_INSTITUTION = 7;

/** Invented institutions; each unit's first is good at everything that its projects are about. */
export const institutionsOf = (random: Random, day: string, deviation: number): Institution[] =>
  SKETCHES.map((sketch, at) => ({
    ...sketch,
    id: uuid7(random, instant(day, '10:00')),
    code: `CX${sketch.byUnit}${String(at + 1).padStart(2, '0')}`,
    effect: at === POOR_INSTITUTION ? -2 : random.normal(0, deviation),
  }));
