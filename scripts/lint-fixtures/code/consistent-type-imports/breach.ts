import { Stats } from 'node:fs';
export type X = Stats;
