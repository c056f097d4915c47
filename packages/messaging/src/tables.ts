/**
 * Tables that every service's database has for its outbox and its consumers. A service's first
 * migration runs these statements; a later change is a new exported list.
 */
export const messagingTables: readonly string[] = [
  // `state`: the aggregate's snapshot after that version, where it has a topic `….state`.
  `CREATE TABLE outbox_version (
    topic text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    state jsonb,
    PRIMARY KEY (topic, key)
  )`,
  // A snapshot and what an event changes in it: its lists are added to, other fields replaced.
  `CREATE FUNCTION merge_state(before jsonb, change jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN before IS NULL OR change IS NULL THEN coalesce(change, before)
      ELSE before || (
        SELECT coalesce(jsonb_object_agg(key, CASE
          WHEN jsonb_typeof(value) = 'array' AND jsonb_typeof(before -> key) = 'array'
          THEN (before -> key) || value ELSE value END), '{}')
        FROM jsonb_each(change)) END
    $$`,
  'CREATE AGGREGATE merged_state(jsonb) (SFUNC = merge_state, STYPE = jsonb)',
  `CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    topic text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    envelope jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz
  )`,
  'CREATE INDEX outbox_pending ON outbox (seq) WHERE published_at IS NULL',
  `CREATE TABLE inbox (
    consumer text NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (consumer, topic, key)
  )`,
  // Which events the marks in the inbox stand for, kept some days for the reconciler. It is read
  // whole and pruned by age, so that no index but the smallest is worth its writes.
  `CREATE TABLE inbox_taken (
    consumer text NOT NULL,
    topic text NOT NULL,
    event_id uuid NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  'CREATE INDEX inbox_taken_age ON inbox_taken USING brin (taken_at)',
  // What a consumer is subscribed to, as it said when it last started.
  `CREATE TABLE inbox_topic (
    consumer text NOT NULL,
    topic text NOT NULL,
    PRIMARY KEY (consumer, topic)
  )`,
  `CREATE TABLE inbox_held (
    consumer text NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    value text NOT NULL,
    reason text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_try_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, topic, key, version)
  )`,
  `CREATE TABLE dead_letter (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position text NOT NULL,
    key text,
    version integer,
    value text NOT NULL,
    fault text NOT NULL,
    detail text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_at timestamptz,
    resolution text CHECK (resolution IN ('REDRIVEN', 'DISCARDED', 'DUPLICATE')),
    resolved_by text,
    reason text,
    corrected_value text,
    CHECK ((resolved_at IS NULL) = (resolution IS NULL)),
    UNIQUE (consumer, topic, partition, position)
  )`,
];

/** Tables of the database `events`, the Postgres log. */
export const postgresLogTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS log_topic (
    topic text PRIMARY KEY,
    partitions integer NOT NULL CHECK (partitions > 0)
  )`,
  `CREATE TABLE IF NOT EXISTS log (
    topic text NOT NULL,
    partition integer NOT NULL,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint GENERATED ALWAYS AS IDENTITY,
    event_id text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, partition, txid, seq),
    UNIQUE (topic, event_id)
  )`,
  // Topics `….state`: the newest snapshot of each key, at the place where it was last told.
  `CREATE TABLE IF NOT EXISTS log_state (
    topic text NOT NULL,
    partition integer NOT NULL,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint GENERATED ALWAYS AS IDENTITY,
    event_id text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    value text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, key)
  )`,
  `CREATE INDEX IF NOT EXISTS log_state_reading
    ON log_state (topic, partition, txid, seq)`,
  `CREATE TABLE IF NOT EXISTS log_position (
    consumer_group text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    txid xid8 NOT NULL DEFAULT '0',
    seq bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer_group, topic, partition)
  )`,
  `CREATE OR REPLACE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$`,
  'DROP TRIGGER IF EXISTS log_append_only ON log',
  `CREATE TRIGGER log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_log_change()`,
  // Which rows a role reaches is said by its policies; see postgres-log-access.ts.
  ...['log', 'log_state', 'log_topic', 'log_position'].map(
    (table) => `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  ),
];
