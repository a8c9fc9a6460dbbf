#pragma once
#include <sqlite3.h>

#pragma clang assume_nonnull begin

/// `SQLITE_TRANSIENT` is a function pointer made by a cast, which Swift does not import. SQLite
/// copies the bytes before the call returns.
static inline int swapline_sqlite_bind_text(
    sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 length) {
  return sqlite3_bind_text64(statement, index, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// As above, for bytes. A null pointer of length zero would bind NULL, so an empty blob is bound as
/// a zero-filled one of no bytes.
static inline int swapline_sqlite_bind_blob(
    sqlite3_stmt *statement, int index, const void *_Nullable bytes, sqlite3_uint64 length) {
  if (bytes == 0 || length == 0) return sqlite3_bind_zeroblob(statement, index, 0);
  return sqlite3_bind_blob64(statement, index, bytes, length, SQLITE_TRANSIENT);
}

#pragma clang assume_nonnull end
