import { Type } from '@sinclair/typebox';
import { snapshotOn, type DataOf } from './contract.js';
import { p0 } from './data-class.js';
import {
  InstitutionKind,
  LocalDate,
  Sector,
  UnitCode,
  Uuid,
  literals,
  nullable,
  says,
} from './fields.js';

/** An institution with all that was decided on it. */
export const institutionSnapshot = snapshotOn(
  'training.institution',
  'TrainingInstitution id',
  Type.Object(
    p0({
      institutionId: Uuid,
      code: Type.String(),
      name: Type.String(),
      kind: InstitutionKind,
      accreditations: says(
        Type.Array(
          Type.Object({
            accreditationId: Uuid,
            sectors: Type.Array(Sector),
            categories: Type.Array(Type.String()),
            validFrom: LocalDate,
            validTo: LocalDate,
            byUnitCode: UnitCode,
          }),
        ),
        'In the order told; all hold side by side.',
      ),
      standings: says(
        Type.Array(
          Type.Object({
            standing: literals(['SUSPENDED', 'REINSTATED']),
            byUnitCode: UnitCode,
            reason: Type.String(),
            citedRatingId: nullable(Uuid),
            from: LocalDate,
          }),
        ),
        'In the order told; for the projects of each unit its own last one counts.',
      ),
    }),
  ),
);

export type InstitutionSnapshot = DataOf<typeof institutionSnapshot>;
