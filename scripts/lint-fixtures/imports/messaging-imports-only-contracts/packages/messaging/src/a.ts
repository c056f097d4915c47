import { x } from '../../subgraph/src/b.js';
export const y = x;
