import { x } from '../verdict/commands.js';
export const y = x;
