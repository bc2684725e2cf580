#pragma once
// What Swift's importer cannot see of SQLite: the SQLITE_TRANSIENT cast macro.
#include <sqlite3.h>

static inline int fil_bind_text(sqlite3_stmt *s, int i, const char *p, sqlite3_uint64 n) {
  return sqlite3_bind_text64(s, i, p ? p : "", n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int fil_bind_blob(sqlite3_stmt *s, int i, const void *p, sqlite3_uint64 n) {
  return n == 0 ? sqlite3_bind_zeroblob(s, i, 0)
                : sqlite3_bind_blob64(s, i, p, n, SQLITE_TRANSIENT);
}
