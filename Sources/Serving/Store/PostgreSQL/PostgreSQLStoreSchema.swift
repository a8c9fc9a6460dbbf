import Core
import Ledgers

/// The tables of a task store in PostgreSQL. A released step is never edited; a new one is added behind it.
///
/// Credits are in thousandths. Times are the server's, in milliseconds since 1970, save `expires`: seconds.
enum PostgreSQLStoreSchema {
  static let purpose = PostgreSQLPurpose(
    "store", migration: "swapline serve --migrate --store",
    ending: "Stop the servers that use it", retry: "then start the server again")

  static let tables = VersionedTables(
    purpose, versionIn: "swapline_store_schema",
    steps: [
      """
      CREATE TABLE store_accounts(
        id text PRIMARY KEY, granted bigint,
        reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
        charged bigint NOT NULL DEFAULT 0 CHECK (charged >= 0));

      CREATE TABLE store_tasks(
        sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE,
        facade text NOT NULL, account text NOT NULL REFERENCES store_accounts(id),
        model text NOT NULL, kind text NOT NULL, scene_url text NOT NULL,
        scene_field text NOT NULL, faces text NOT NULL, callback_url text, result_format text,
        param text NOT NULL, idempotency_key text, meaning text, status text NOT NULL,
        created_at bigint NOT NULL, started_at bigint, completed_at bigint,
        attempts integer NOT NULL DEFAULT 0, price bigint NOT NULL CHECK (price >= 0),
        result_name text, result_expires bigint, result_media text, found text, failure text,
        -- Whose work it is: each claim has a number and a name of its own, and a time at which it ends.
        epoch bigint NOT NULL DEFAULT 0, claim text, lease bigint NOT NULL DEFAULT 0,
        callback_due bigint, callback_attempts integer NOT NULL DEFAULT 0,
        callback_lease bigint NOT NULL DEFAULT 0, callback_claim text,
        UNIQUE (account, idempotency_key));
      CREATE INDEX store_tasks_pending ON store_tasks(sequence) WHERE status = 'pending';
      CREATE INDEX store_tasks_running ON store_tasks(sequence) WHERE status = 'running';
      CREATE INDEX store_tasks_callback ON store_tasks(callback_due)
        WHERE callback_due IS NOT NULL;

      -- What has ended, counted when it does: those who watch ask often, and tasks become millions.
      CREATE TABLE store_counts(
        facade text, model text, status text, is_detection boolean, tasks bigint NOT NULL,
        charged bigint NOT NULL, milliseconds bigint NOT NULL,
        PRIMARY KEY (facade, model, status, is_detection));

      CREATE TABLE store_files(
        name text PRIMARY KEY, expires bigint NOT NULL, account text,
        size bigint NOT NULL DEFAULT 0, digest text);
      CREATE INDEX store_files_expires ON store_files(expires);
      CREATE INDEX store_files_account ON store_files(account) WHERE account IS NOT NULL;

      -- Buckets of requests that are refilled steadily.
      CREATE TABLE store_rates(
        account text PRIMARY KEY, left_over double precision NOT NULL, at bigint NOT NULL,
        nonce text NOT NULL);
      """
    ])
}
