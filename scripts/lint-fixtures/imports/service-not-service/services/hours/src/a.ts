import { x } from '../../funding/src/b.js';
export const y = x;
