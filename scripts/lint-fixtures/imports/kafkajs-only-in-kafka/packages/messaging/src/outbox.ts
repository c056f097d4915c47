import { Kafka } from 'kafkajs';
export const y = Kafka;
