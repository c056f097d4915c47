import { x } from '../../registry/src/b.js';
export const y = x;
