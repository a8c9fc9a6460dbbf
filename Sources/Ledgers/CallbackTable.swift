/// The table of callbacks that came to a run which does not wait for them: several runs have one public address, and a
/// proxy gives each request to any of them.
enum CallbackTable {
  /// Who waits has read it long before; in seconds.
  static let lifetime = 7.0 * 86_400

  static let sqlite = """
    CREATE TABLE callbacks(token TEXT PRIMARY KEY, body TEXT NOT NULL, told REAL NOT NULL)
      STRICT, WITHOUT ROWID;
    CREATE INDEX swaps_by_token ON swaps(token) WHERE token IS NOT NULL;
    """

  static let postgreSQL = """
    CREATE TABLE callbacks(
      token text PRIMARY KEY, body text NOT NULL, told double precision NOT NULL);
    CREATE INDEX swaps_by_token ON swaps(token) WHERE token IS NOT NULL;
    """
}
