import { x } from '../../cli/src/b.js';
export const y = x;
