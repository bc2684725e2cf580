/* What embedding is compared with: a program over SQLite and curl alone that prints where a replica stands.
 *
 *   small REPLICA [wait]
 *
 * `wait`: then stays as a kiosk would, until its input ends.
 */
#include <curl/curl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

static long number(sqlite3 *file, const char *sql) {
  sqlite3_stmt *statement = NULL;
  long value = -1;
  if (sqlite3_prepare_v2(file, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
    value = (long)sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return value;
}

int main(int count, char **words) {
  sqlite3 *file = NULL;
  char byte;
  if (count < 2 || sqlite3_open_v2(words[1], &file, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) return 1;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *curl = curl_easy_init();
  printf("version %ld, %ld articles, %ld bodies, %ld missing\n", number(file, "SELECT version FROM replica"),
         number(file, "SELECT count(*) FROM article WHERE number > 0"),
         number(file, "SELECT count(*) FROM article WHERE kind = 1 AND shown = body"),
         number(file, "SELECT count(*) FROM article WHERE kind = 1 AND length > 0 AND shown IS NOT body"));
  fflush(stdout);
  if (count > 2 && read(0, &byte, 1) < 0) return 1;
  curl_easy_cleanup(curl);
  curl_global_cleanup();
  sqlite3_close(file);
  return 0;
}
