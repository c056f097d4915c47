import type { PartitionLag } from './port.js';

export const sumOfLags = (lags: readonly PartitionLag[]): number =>
  lags.reduce((sum, { lag }) => sum + lag, 0);

export const byTopicAndPartition = (a: PartitionLag, b: PartitionLag): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;
