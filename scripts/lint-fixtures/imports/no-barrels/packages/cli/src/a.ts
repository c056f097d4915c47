import { x } from './b/index.js';
export const y = x;
