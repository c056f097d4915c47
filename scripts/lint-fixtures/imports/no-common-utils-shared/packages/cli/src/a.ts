import { x } from './utils/b.js';
export const y = x;
