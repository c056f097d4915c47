import { x } from '../../../gateway/src/b.js';
export const y = x;
