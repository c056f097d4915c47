import { runService } from '@yanxiu/subgraph/service';
import { service } from './subgraph.js';

await runService(service);
