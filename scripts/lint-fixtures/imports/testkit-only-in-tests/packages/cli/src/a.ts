import { x } from '../../testkit/src/b.js';
export const y = x;
