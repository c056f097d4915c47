import { DataSource } from 'typeorm';
export const y = DataSource;
