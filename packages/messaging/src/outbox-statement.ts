/** Numbers the given events of each key; `state` columns come in where there are snapshots. */
const numbering = (parameters: string, columns: string, change: string): string => `
  WITH event AS (
    SELECT e.*, row_number() OVER (PARTITION BY topic, key ORDER BY place)::int AS nth
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[]${parameters})
      WITH ORDINALITY AS e (event_id, topic, key, envelope${columns}, place)
  ), counted AS MATERIALIZED (
    SELECT topic, key, max(nth) AS count${change} FROM event GROUP BY topic, key
  )`;

const TELL = `SELECT pg_notify('outbox', '') FROM (SELECT 1 FROM written LIMIT 1) AS any_row`;

/**
 * Numbers the events of each key and writes them in their order. The row locks of
 * `outbox_version` hold until commit, so numbers and outbox order agree with commit order; keys
 * are locked in their order, so that two transactions with the same keys wait for one another
 * instead of dying together. NOTIFY only wakes the relay.
 */
export const WRITE_EVENTS = `${numbering('', '', '')}, numbered AS (
    INSERT INTO outbox_version AS v (topic, key, version)
    SELECT topic, key, count FROM counted ORDER BY topic, key
    ON CONFLICT (topic, key) DO UPDATE SET version = v.version + excluded.version
    RETURNING topic, key, version
  ), written AS (
    INSERT INTO outbox (event_id, topic, key, version, envelope)
    SELECT event_id, topic, key, n.version - c.count + nth,
      envelope || jsonb_build_object('aggregateversion', n.version - c.count + nth)
    FROM event JOIN counted c USING (topic, key) JOIN numbered n USING (topic, key)
    ORDER BY place
    RETURNING 1
  ) ${TELL}`;

/**
 * As {@link WRITE_EVENTS} where events change a snapshot: the new snapshot of each key follows its
 * last event, on the topic `….state` and with that event's number. It is the one before with what
 * the events change, so it can say nothing that they do not.
 */
export const WRITE_EVENTS_AND_SNAPSHOTS = `${numbering(
  ', $5::jsonb[], $6::jsonb[]',
  ', change, snapshot',
  ', merged_state(change ORDER BY place) AS change',
)}, numbered AS (
    INSERT INTO outbox_version AS v (topic, key, version, state)
    SELECT topic, key, count, change FROM counted ORDER BY topic, key
    ON CONFLICT (topic, key) DO UPDATE SET version = v.version + excluded.version,
      state = merge_state(v.state, excluded.state)
    RETURNING topic, key, version, state
  ), placed AS (
    SELECT event_id, topic, key, n.version - c.count + nth AS version, envelope, place,
      0 AS behind
    FROM event JOIN counted c USING (topic, key) JOIN numbered n USING (topic, key)
    UNION ALL
    SELECT (snapshot->>'id')::uuid, topic || '.state', key, n.version,
      snapshot || jsonb_build_object('data', n.state), place, 1
    FROM event JOIN counted c USING (topic, key) JOIN numbered n USING (topic, key)
    WHERE nth = c.count AND snapshot IS NOT NULL
  ), written AS (
    INSERT INTO outbox (event_id, topic, key, version, envelope)
    SELECT event_id, topic, key, version,
      envelope || jsonb_build_object('aggregateversion', version)
    FROM placed ORDER BY place, behind
    RETURNING 1
  ) ${TELL}`;
