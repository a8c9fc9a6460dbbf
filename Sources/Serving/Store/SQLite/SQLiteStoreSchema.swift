/// The tables of a task store in SQLite. A released step is never edited; a new one is added behind it.
///
/// Credits are in thousandths. Times are in milliseconds since 1970, save `expires`: seconds.
enum SQLiteStoreSchema {
  static let steps = [
    """
    CREATE TABLE accounts (
      id TEXT PRIMARY KEY,
      granted INTEGER,
      reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
      charged INTEGER NOT NULL DEFAULT 0 CHECK (charged >= 0)
    ) STRICT;
    CREATE TABLE tasks (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      facade TEXT NOT NULL,
      account TEXT NOT NULL REFERENCES accounts (id),
      model TEXT NOT NULL,
      scene_url TEXT NOT NULL,
      face_url TEXT NOT NULL,
      scene_field TEXT NOT NULL,
      face_field TEXT NOT NULL,
      face_index INTEGER NOT NULL,
      callback_url TEXT,
      param TEXT NOT NULL,
      idempotency_key TEXT,
      status TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      started_at INTEGER,
      completed_at INTEGER,
      attempts INTEGER NOT NULL DEFAULT 0,
      price INTEGER NOT NULL CHECK (price >= 0),
      result_name TEXT,
      result_expires INTEGER,
      result_media TEXT,
      failure TEXT,
      callback_attempts INTEGER NOT NULL DEFAULT 0,
      callback_due INTEGER,
      UNIQUE (account, idempotency_key)
    ) STRICT;
    CREATE INDEX tasks_pending ON tasks (sequence) WHERE status = 'pending';
    CREATE INDEX tasks_running ON tasks (sequence) WHERE status = 'running';
    CREATE INDEX tasks_callback ON tasks (callback_due) WHERE callback_due IS NOT NULL;
    CREATE TABLE files (
      name TEXT PRIMARY KEY,
      expires INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX files_expires ON files (expires);
    """,
    "ALTER TABLE tasks ADD COLUMN result_format TEXT;",
    """
    ALTER TABLE tasks ADD COLUMN kind TEXT NOT NULL DEFAULT 'image';
    ALTER TABLE tasks ADD COLUMN faces TEXT;
    ALTER TABLE tasks ADD COLUMN found TEXT;
    """,
    """
    ALTER TABLE tasks ADD COLUMN meaning TEXT;
    ALTER TABLE files ADD COLUMN account TEXT;
    ALTER TABLE files ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE files ADD COLUMN digest TEXT;
    """,
    // Counted while they change: those who watch the server ask often, and tasks become millions.
    """
    CREATE TABLE counts (
      facade TEXT NOT NULL,
      model TEXT NOT NULL,
      status TEXT NOT NULL,
      is_detection INTEGER NOT NULL,
      tasks INTEGER NOT NULL,
      charged INTEGER NOT NULL,
      milliseconds INTEGER NOT NULL,
      PRIMARY KEY (facade, model, status, is_detection)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO counts
      SELECT facade, model, status, found IS NOT NULL, count(*),
        sum(CASE status WHEN 'success' THEN price ELSE 0 END),
        coalesce(sum(completed_at - started_at), 0)
      FROM tasks GROUP BY facade, model, status, found IS NOT NULL;
    CREATE TRIGGER tasks_counted_in AFTER INSERT ON tasks BEGIN
      INSERT INTO counts VALUES (
        new.facade, new.model, new.status, new.found IS NOT NULL, 1,
        CASE new.status WHEN 'success' THEN new.price ELSE 0 END,
        coalesce(new.completed_at - new.started_at, 0)
      ) ON CONFLICT DO UPDATE SET tasks = tasks + 1, charged = charged + excluded.charged,
        milliseconds = milliseconds + excluded.milliseconds;
    END;
    CREATE TRIGGER tasks_counted_anew AFTER UPDATE OF status ON tasks BEGIN
      UPDATE counts SET tasks = tasks - 1,
        charged = charged - CASE old.status WHEN 'success' THEN old.price ELSE 0 END,
        milliseconds = milliseconds - coalesce(old.completed_at - old.started_at, 0)
      WHERE facade = old.facade AND model = old.model AND status = old.status
        AND is_detection = (old.found IS NOT NULL);
      INSERT INTO counts VALUES (
        new.facade, new.model, new.status, new.found IS NOT NULL, 1,
        CASE new.status WHEN 'success' THEN new.price ELSE 0 END,
        coalesce(new.completed_at - new.started_at, 0)
      ) ON CONFLICT DO UPDATE SET tasks = tasks + 1, charged = charged + excluded.charged,
        milliseconds = milliseconds + excluded.milliseconds;
    END;
    CREATE INDEX files_there ON files (name) WHERE account IS NULL OR size > 0;
    """,
    // Whose work a task is: each claim has a number of its own, and a time at which it ends.
    """
    ALTER TABLE tasks ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tasks ADD COLUMN lease INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tasks ADD COLUMN callback_lease INTEGER NOT NULL DEFAULT 0;
    """,
  ]
}
