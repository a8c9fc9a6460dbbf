/// The tables of a ledger in PostgreSQL. They are made and brought up to date when somebody asks for it
/// (`swapline ledger --migrate`), never by a run: others may be using them.
enum PostgreSQLSchema {
  /// `steps[n]` leads from version n to n + 1, and is never edited once released.
  static let steps = [
    """
    CREATE TABLE swaps(
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL,
      item text NOT NULL, provider text NOT NULL, model text NOT NULL, state text NOT NULL,
      task text, addresses text, credits double precision, reserved double precision,
      rate double precision, currency text, run text NOT NULL, settled text, folder text,
      token text, result text, message text, nonce text NOT NULL UNIQUE,
      created double precision NOT NULL, updated double precision NOT NULL);
    CREATE INDEX swaps_by_key ON swaps(key);
    CREATE INDEX swaps_by_settled ON swaps(settled) WHERE settled IS NOT NULL;
    CREATE INDEX swaps_open ON swaps(state, created)
      WHERE state IN ('intended', 'ambiguous', 'accepted');

    -- What was spent, so that a budget is checked without adding up a million rows.
    CREATE TABLE spent(scope text PRIMARY KEY, credits numeric NOT NULL);

    -- When the next submission to a provider may be sent, in seconds since 1970.
    CREATE TABLE rates(provider text PRIMARY KEY, next double precision NOT NULL);

    CREATE FUNCTION swap_paid(swap swaps) RETURNS numeric IMMUTABLE LANGUAGE sql AS $$
      SELECT CASE swap.state WHEN 'refused' THEN 0 WHEN 'failed' THEN coalesce(swap.credits, 0)
        ELSE coalesce(swap.credits, swap.reserved, 0) END::numeric
    $$;

    -- Always in the same order, so that two transactions never wait for each other.
    CREATE FUNCTION swap_spend(swap swaps, amount numeric) RETURNS void LANGUAGE sql AS $$
      INSERT INTO spent AS s(scope, credits)
      SELECT scope, amount FROM unnest(ARRAY[
        '1 all', '2 month ' || to_char(to_timestamp(swap.created) AT TIME ZONE 'UTC', 'YYYY-MM'),
        '3 day ' || to_char(to_timestamp(swap.created) AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
        '4 folder ' || swap.folder]) AS scope WHERE scope IS NOT NULL ORDER BY scope
      ON CONFLICT (scope) DO UPDATE SET credits = s.credits + EXCLUDED.credits
    $$;

    CREATE FUNCTION swap_count() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        IF swap_paid(NEW) <> 0 THEN PERFORM swap_spend(NEW, swap_paid(NEW)); END IF;
      ELSIF OLD.created = NEW.created AND OLD.folder IS NOT DISTINCT FROM NEW.folder THEN
        IF swap_paid(NEW) <> swap_paid(OLD) THEN
          PERFORM swap_spend(NEW, swap_paid(NEW) - swap_paid(OLD));
        END IF;
      ELSE
        IF swap_paid(OLD) <> 0 THEN PERFORM swap_spend(OLD, -swap_paid(OLD)); END IF;
        IF swap_paid(NEW) <> 0 THEN PERFORM swap_spend(NEW, swap_paid(NEW)); END IF;
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER swap_counted AFTER INSERT OR UPDATE ON swaps
      FOR EACH ROW EXECUTE FUNCTION swap_count();
    """,
    """
    -- Nothing may be bought between the sums of what there is and the counting of what comes.
    LOCK TABLE swaps IN SHARE ROW EXCLUSIVE MODE;

    CREATE OR REPLACE FUNCTION swap_spend(swap swaps, amount numeric) RETURNS void LANGUAGE sql AS $$
      INSERT INTO spent AS s(scope, credits)
      SELECT scope, amount FROM unnest(ARRAY[
        '1 all', '2 month ' || to_char(to_timestamp(swap.created) AT TIME ZONE 'UTC', 'YYYY-MM'),
        '3 day ' || to_char(to_timestamp(swap.created) AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
        '4 folder ' || swap.folder, '5 run ' || swap.run]) AS scope
      WHERE scope IS NOT NULL ORDER BY scope
      ON CONFLICT (scope) DO UPDATE SET credits = s.credits + EXCLUDED.credits
    $$;

    CREATE OR REPLACE FUNCTION swap_count() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        IF swap_paid(NEW) <> 0 THEN PERFORM swap_spend(NEW, swap_paid(NEW)); END IF;
      ELSIF OLD.created = NEW.created AND OLD.folder IS NOT DISTINCT FROM NEW.folder
        AND OLD.run = NEW.run THEN
        IF swap_paid(NEW) <> swap_paid(OLD) THEN
          PERFORM swap_spend(NEW, swap_paid(NEW) - swap_paid(OLD));
        END IF;
      ELSE
        IF swap_paid(OLD) <> 0 THEN PERFORM swap_spend(OLD, -swap_paid(OLD)); END IF;
        IF swap_paid(NEW) <> 0 THEN PERFORM swap_spend(NEW, swap_paid(NEW)); END IF;
      END IF;
      RETURN NULL;
    END $$;

    INSERT INTO spent(scope, credits)
      SELECT '5 run ' || run, sum(swap_paid(swaps)) FROM swaps GROUP BY run
      HAVING sum(swap_paid(swaps)) <> 0;
    """,
    WorkerTable.postgreSQL,
    CallbackTable.postgreSQL,
  ]

  /// The tables, all versions of them.
  static let tables = VersionedTables(.ledger, versionIn: "swapline_schema", steps: steps)
}
