import { describe, expect, it } from '@jest/globals';
import { inherited } from './service-environment.js';

describe('what a process of ours is given', () => {
  it('runs its libraries as in production, and leaves out what is of another', () => {
    const given = inherited({ NODE_ENV: 'test', PATH: '/bin', PORT: '1', npm_config_cache: '/c' });
    expect(given).toEqual({ NODE_ENV: 'production', PATH: '/bin' });
  });
});
