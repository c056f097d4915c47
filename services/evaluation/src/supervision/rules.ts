import { DEPARTMENTS, ofTier, over, type Acting, type Governed } from '@yanxiu/registry/permission';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';

/** Who may: province over city, city over county, county over school; a school over no one. */
export const may = rights({
  supervise: (actor: Acting, organiser: Governed) =>
    all(inRole(actor, 'OFFICER'), ofTier(actor, DEPARTMENTS), over(actor, organiser)),
});
