import { jest } from '@jest/globals';

// Jest 30 takes no notice of a project's own testTimeout.
jest.setTimeout(globalThis.tierTimeout);
