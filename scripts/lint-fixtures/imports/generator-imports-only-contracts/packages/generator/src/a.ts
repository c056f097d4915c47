import { x } from '../../messaging/src/b.js';
export const y = x;
