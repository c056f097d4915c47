import { describe } from '@jest/globals';
import { javaAvailable } from '../../infra/kafka/kafka.mjs';
import { story } from './story.js';

// Without Java and Maven there is no real Kafka: skipped loudly here, a failure with CI=true.
if (process.env['CI'] || javaAvailable()) story('kafka');
else describe.skip('the story on kafka: needs Java and Maven', () => {});
