/* One thread: errors, the first sync, structures of other versions, reading, verifying. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sqlite3.h>
#include <stdlib.h>

void test_errors(const struct setting *s) {
  fil_replica *replica = (fil_replica *)1;
  CHECK(same(fil_error_code(), "") && same(fil_error_message(), ""));
  char version[32];
  snprintf(version, sizeof version, "%d.%d.%d", FIL_VERSION_MAJOR, FIL_VERSION_MINOR, FIL_VERSION_PATCH);
  CHECK(same(fil_version(), version));

  CHECK(fil_open("/nowhere/replica.db", NULL, &replica) == FIL_NOT_FOUND);
  CHECK(replica == NULL && same(fil_error_code(), "notFound"));
  CHECK(strstr(fil_error_message(), "/nowhere/replica.db") != NULL);
  CHECK(fil_open(s->path, "no key", &replica) == FIL_USAGE);
  CHECK(fil_open(s->path, "\xff\xfe", &replica) == FIL_USAGE);
  CHECK(fil_open(NULL, s->key, &replica) == FIL_USAGE);
  CHECK(fil_open(s->path, s->key, NULL) == FIL_USAGE);
  CHECK(fil_open("/nowhere/replica.db", s->key, &replica) == FIL_FAILED && same(fil_error_code(), "database"));

  /* A message that is too long is cut, not in the middle of a character. */
  char long_path[3001] = "";
  for (int i = 0; i < 1500; i++) strcat(long_path, "é");
  CHECK(fil_open(long_path, NULL, &replica) == FIL_NOT_FOUND);
  size_t length = strlen(fil_error_message());
  CHECK(length > 1000 && length < 1024);
  CHECK((unsigned char)fil_error_message()[length - 1] == 0xA9);

  CHECK(fil_get_status(NULL, NULL) == FIL_USAGE);
  CHECK(fil_list(NULL, NULL, NULL) == FIL_USAGE);
  CHECK(fil_search(NULL, "a", 0, 0, NULL) == FIL_USAGE);
  CHECK(fil_get(NULL, 1, NULL) == FIL_USAGE);
  CHECK(fil_get_masthead(NULL, NULL) == FIL_USAGE);
  CHECK(fil_sync(NULL, NULL, 0, NULL, NULL) == FIL_USAGE);
  CHECK(fil_get_cost(NULL, NULL, 0, NULL, NULL) == FIL_USAGE);
  CHECK(fil_get_cost_of(NULL, "all", NULL, 0, NULL, NULL) == FIL_USAGE);
  CHECK(fil_get_spending(NULL, NULL) == FIL_USAGE);
  CHECK(fil_set_budget(NULL, 1, 1) == FIL_USAGE);
  CHECK(fil_want(NULL, 1, NULL) == FIL_USAGE);
  CHECK(fil_export(NULL, "a", 0, NULL) == FIL_USAGE);
  CHECK(fil_import(NULL, "a", NULL, NULL) == FIL_USAGE);
  CHECK(fil_observe(NULL, NULL) == FIL_USAGE);
  CHECK(fil_verify(NULL, 0, NULL) == FIL_USAGE);
  CHECK(fil_articles_next(NULL) == NULL && fil_articles_count(NULL) == 0);
  CHECK(fil_observation_descriptor(NULL) == -1 && fil_observation_take(NULL) == 0);
  fil_close(NULL), fil_articles_free(NULL), fil_article_free(NULL), fil_status_free(NULL);
  fil_masthead_free(NULL), fil_cancel(NULL), fil_cancellation_free(NULL), fil_observation_free(NULL);
  fil_verification_free(NULL);
}

struct heard {
  int progress, attempts;
  int64_t done, total, headlines;
  char error[32];
};

static int hear_progress(void *context, const fil_progress *progress) {
  struct heard *heard = context;
  heard->progress++;
  heard->done = progress->done;
  heard->total = progress->total;
  heard->headlines = progress->headlines;
  return 0;
}

static void hear_attempt(void *context, const char *source, const char *error) {
  struct heard *heard = context;
  heard->attempts++;
  CHECK(source != NULL && *source);
  snprintf(heard->error, sizeof heard->error, "%s", error ? error : "none");
}

void test_first_sync(const struct setting *s) {
  fil_replica *replica = NULL;
  const fil_masthead *masthead = NULL;
  CHECK(fil_open(s->path, s->key, &replica) == FIL_OK);
  CHECK(fil_get_masthead(replica, &masthead) == FIL_NOT_FOUND && masthead == NULL);
  CHECK(fil_sync(replica, NULL, 0, NULL, NULL) == FIL_USAGE);

  FIL_INIT(fil_report, report);
  const char *closed = "http://127.0.0.1:9";
  CHECK(fil_sync(replica, &closed, 1, NULL, &report) == FIL_OFFLINE);
  CHECK(report.to == 0 && !report.complete && report.signed_at == FIL_NONE);

  FIL_INIT(fil_cost, cost);
  CHECK(fil_get_cost(replica, &s->url, 1, NULL, &cost) == FIL_OK);
  CHECK(cost.bytes > 0 && cost.bytes_spent > 0 && cost.headlines > 0);
  FIL_INIT(fil_cost, headlines);
  CHECK(fil_get_cost_of(replica, "none", &s->url, 1, NULL, &headlines) == FIL_OK);
  CHECK(headlines.bytes > 0 && headlines.bytes < cost.bytes && headlines.bodies == 0);
  CHECK(fil_get_cost_of(replica, NULL, &s->url, 1, NULL, &headlines) == FIL_USAGE);

  struct heard heard = {0};
  FIL_INIT(fil_sync_options, options);
  options.on_progress = hear_progress;
  options.on_attempt = hear_attempt;
  options.context = &heard;
  options.sections = "all";
  options.first = "";
  /* The largest numbers there are: no more than no bound. */
  options.budget = options.days = INT64_MAX;
  const char *sources[] = {closed, s->url};
  CHECK(fil_sync(replica, sources, 2, &options, &report) == FIL_OK);
  CHECK(report.complete && report.to > 0 && report.bodies > 0 && report.requests > 0);
  CHECK(report.size == sizeof report && report.bytes_received > 0 && report.signed_at > 0);
  CHECK(heard.progress > 0 && heard.done == heard.total && heard.total > 0);
  /* The question about the cost went to the one that answers: it is tried first now. */
  CHECK(heard.attempts >= 1 && same(heard.error, "none"));

  const fil_status *status = NULL;
  CHECK(fil_get_status(replica, &status) == FIL_OK);
  CHECK(status->version == report.to && status->complete && same(status->sections, "all"));
  CHECK(same(status->key, s->key) && strstr(s->key, status->origin) == s->key);
  CHECK(same(status->source, s->url) && status->missing_bodies == 0 && status->synced > 0);
  fil_status_free(status);
  CHECK(fil_sync(replica, NULL, 0, NULL, &report) == FIL_OK && report.from == report.to);

  fil_replica *other = NULL;
  const char *wrong = "autre.example/fil+fb81b1f0+ASTBcTlh8jf39ooR71DO5zaK5iMfmRpPkPkWAsQQ0vJI";
  CHECK(fil_open(s->path, wrong, &other) == FIL_USAGE && other == NULL);
  fil_close(replica);
}

void test_structures(const struct setting *s) {
  fil_replica *replica = NULL;
  CHECK(fil_open(s->path, NULL, &replica) == FIL_OK);
  fil_articles *list = NULL;
  fil_filter bare = {0};
  CHECK(fil_list(replica, &bare, &list) == FIL_USAGE && list == NULL);
  bare.size = SIZE_MAX;
  CHECK(fil_list(replica, &bare, &list) == FIL_USAGE);

  /* An older program's filter ends after `tag`: what it lacks is zero, whatever lies behind it. */
  FIL_INIT(fil_filter, filter);
  filter.size = offsetof(fil_filter, une);
  filter.limit = 1;
  CHECK(fil_list(replica, &filter, &list) == FIL_OK && fil_articles_count(list) > 1);
  fil_articles_free(list);

  /* A newer program's filter is longer: zeroes there ask for nothing, anything else cannot be done. */
  struct { fil_filter known; int64_t later; } newer = {{0}, 0};
  newer.known.size = sizeof newer;
  newer.known.limit = 1;
  CHECK(fil_list(replica, &newer.known, &list) == FIL_OK && fil_articles_count(list) == 1);
  fil_articles_free(list);
  newer.later = 7;
  CHECK(fil_list(replica, &newer.known, &list) == FIL_USAGE && list == NULL);

  /* A shorter report is filled as far as it goes, a longer one has zeroes behind. */
  struct { fil_report report; int64_t guard; } space;
  memset(&space, 0x55, sizeof space);
  space.report.size = offsetof(fil_report, requests);
  CHECK(fil_sync(replica, &s->url, 1, NULL, &space.report) == FIL_OK);
  CHECK(space.report.to > 0 && space.report.requests == INT64_C(0x5555555555555555));
  space.report.size = sizeof space;
  CHECK(fil_sync(replica, &s->url, 1, NULL, &space.report) == FIL_OK);
  CHECK(space.report.size == sizeof space && space.report.requests > 0 && space.guard == 0);
  space.report.size = 3;
  CHECK(fil_sync(replica, &s->url, 1, NULL, &space.report) == FIL_USAGE);

  FIL_INIT(fil_filter, negative);
  negative.limit = -1;
  CHECK(fil_list(replica, &negative, &list) == FIL_USAGE);
  CHECK(fil_search(replica, "a", 0, -1, &list) == FIL_USAGE);
  CHECK(fil_set_budget(replica, -2, FIL_NONE) == FIL_USAGE);
  FIL_INIT(fil_sync_options, options);
  options.days = -3;
  CHECK(fil_sync(replica, &s->url, 1, &options, NULL) == FIL_USAGE);
  fil_close(replica);
}

/* Lists, searches and gets everything once; used by several threads and processes at once. */
void read_everything(fil_replica *replica) {
  fil_articles *list = NULL;
  FIL_INIT(fil_filter, filter);
  filter.limit = 1000;
  if (fil_list(replica, &filter, &list) != FIL_OK) CHECK(!"list");
  const fil_article *headline;
  while ((headline = fil_articles_next(list))) {
    const fil_article *article = NULL;
    if (fil_get(replica, headline->number, &article) != FIL_OK) CHECK(!"get");
    if (!article) continue;
    CHECK(article->number == headline->number);
    if (article->body) {
      CHECK(strlen(article->body) == article->body_size);
      if (article->body_state == FIL_BODY_CURRENT) CHECK((int64_t)article->body_size == article->length);
    }
    fil_article_free(article);
  }
  fil_articles_free(list);
  if (fil_search(replica, "marche", 0, 0, &list) != FIL_OK) CHECK(!"search");
  while (fil_articles_next(list)) continue;
  fil_articles_free(list);
}

void test_reading(const struct setting *s) {
  fil_replica *replica = NULL;
  CHECK(fil_open(s->path, NULL, &replica) == FIL_OK);
  fil_articles *list = NULL;
  CHECK(fil_list(replica, NULL, &list) == FIL_OK);
  size_t count = fil_articles_count(list), seen = 0;
  int64_t newest = INT64_MAX;
  const fil_article *article;
  char section[128] = "";
  while ((article = fil_articles_next(list))) {
    seen++;
    CHECK(article->published <= newest && article->number > 0 && article->body == NULL);
    newest = article->published;
    CHECK(article->tags[article->tag_count] == NULL && article->snippet == NULL);
    if (article->retracted == FIL_NONE) {
      CHECK(*article->title && article->reason == NULL && article->readable);
      snprintf(section, sizeof section, "%s", article->section);
    } else {
      CHECK(!*article->title && article->reason && *article->reason);
    }
  }
  CHECK(seen == count && count > 10 && fil_articles_next(list) == NULL);
  fil_articles_free(list);

  FIL_INIT(fil_filter, filter);
  filter.section = section;
  CHECK(fil_list(replica, &filter, &list) == FIL_OK && fil_articles_count(list) > 0);
  CHECK(fil_articles_count(list) < count);
  fil_articles_free(list);
  filter.section = "nulle-part";
  CHECK(fil_list(replica, &filter, &list) == FIL_NOT_FOUND && list == NULL);

  CHECK(fil_search(replica, "MARCHE", 0, 0, &list) == FIL_OK);
  article = fil_articles_next(list);
  CHECK(article && article->snippet && strchr(article->snippet, 1) && strchr(article->snippet, 2));
  fil_articles_free(list);
  CHECK(fil_search(replica, " \" ", 0, 0, &list) == FIL_OK && fil_articles_count(list) == 0);
  fil_articles_free(list);
  CHECK(fil_search(replica, NULL, 0, 0, &list) == FIL_USAGE && list == NULL);

  CHECK(fil_get(replica, 1, &article) == FIL_OK && article->body && article->body_state == FIL_BODY_CURRENT);
  fil_article_free(article);
  const int64_t none[] = {0, -1, 100000, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    CHECK(fil_get(replica, none[i], &article) == FIL_NOT_FOUND && article == NULL);
  }

  const fil_masthead *masthead = NULL;
  CHECK(fil_get_masthead(replica, &masthead) == FIL_OK && *masthead->name);
  CHECK(masthead->section_count > 0 && masthead->sections[masthead->section_count] == NULL);
  CHECK(*masthead->sections[0]->slug && *masthead->sections[0]->title && !*masthead->sections[0]->parent);
  fil_masthead_free(masthead);
  read_everything(replica);
  fil_close(replica);
}

static void tamper(const char *path, const char *sql) {
  sqlite3 *file = NULL;
  CHECK(sqlite3_open(path, &file) == SQLITE_OK);
  sqlite3_busy_timeout(file, 5000);
  CHECK(sqlite3_exec(file, sql, NULL, NULL, NULL) == SQLITE_OK);
  sqlite3_close(file);
}

void test_verify(const struct setting *s) {
  fil_replica *replica = NULL;
  const fil_verification *found = NULL;
  CHECK(fil_open(s->path, NULL, &replica) == FIL_OK);
  CHECK(fil_verify(replica, 0, &found) == FIL_OK && found->damage_count == 0 && found->damage[0] == NULL);
  CHECK(found->records > 10 && found->bodies > 10 && found->version > 0);
  fil_verification_free(found);

  tamper(s->path, "UPDATE body SET text = text || '!' WHERE hash = (SELECT body FROM article WHERE number = 2)");
  CHECK(fil_verify(replica, 0, &found) == FIL_DAMAGED && found && found->damage_count > 0);
  CHECK(found && strstr(found->damage[0], "2"));
  fil_verification_free(found);
  CHECK(fil_verify(replica, 1, &found) == FIL_DAMAGED);
  fil_verification_free(found);
  CHECK(fil_sync(replica, &s->url, 1, NULL, NULL) == FIL_OK);
  CHECK(fil_verify(replica, 0, &found) == FIL_OK);
  fil_verification_free(found);
  fil_close(replica);
}

void test_bundles(const struct setting *s) {
  char path[512], stick[512];
  fil_replica *replica = NULL, *other = NULL;
  snprintf(path, sizeof path, "%s-other", s->path);
  snprintf(stick, sizeof stick, "%s-stick.fil", s->path);
  CHECK(fil_open(path, s->key, &other) == FIL_OK);
  CHECK(fil_export(other, stick, 0, NULL) == FIL_NOT_FOUND);
  CHECK(fil_open(s->path, NULL, &replica) == FIL_OK);
  FIL_INIT(fil_bundle, bundle);
  CHECK(fil_export(replica, stick, 0, &bundle) == FIL_OK);
  CHECK(bundle.size == sizeof bundle && bundle.version > 0 && bundle.bodies > 10 && bundle.bytes > 1000);
  CHECK(fil_export(replica, stick, -1, &bundle) == FIL_USAGE);
  CHECK(fil_export(replica, stick, bundle.version + 1, NULL) == FIL_USAGE);
  CHECK(fil_export(replica, "/nowhere/stick.fil", 0, NULL) == FIL_FAILED && same(fil_error_code(), "file"));
  fil_bundle bare = {0};
  CHECK(fil_export(replica, stick, 0, &bare) == FIL_USAGE);

  FIL_INIT(fil_report, report);
  fil_cancellation *cancellation = fil_cancellation_new();
  fil_cancel(cancellation);
  CHECK(fil_import(other, stick, cancellation, NULL) == FIL_FAILED && same(fil_error_code(), "cancelled"));
  fil_cancellation_free(cancellation);
  CHECK(fil_import(other, stick, NULL, &report) == FIL_OK && report.complete && report.to == bundle.version);
  CHECK(fil_import(other, "/nowhere/stick.fil", NULL, &report) == FIL_FAILED && report.to == 0);
  CHECK(fil_import(other, NULL, NULL, NULL) == FIL_USAGE);
  const char *as_source = stick;
  CHECK(fil_sync(other, &as_source, 1, NULL, NULL) == FIL_OK);
  const fil_verification *found = NULL;
  CHECK(fil_verify(other, 0, &found) == FIL_OK);
  fil_verification_free(found);

  fil_wish wish = FIL_WISH_FULL;
  CHECK(fil_want(replica, 1, &wish) == FIL_OK && wish == FIL_WISH_HERE);
  CHECK(fil_want(replica, 24, &wish) == FIL_OK && wish == FIL_WISH_RETRACTED);
  CHECK(fil_want(replica, 100000, &wish) == FIL_NOT_FOUND && wish == FIL_WISH_RETRACTED);
  FIL_INIT(fil_sync_options, options);
  options.sections = "none";
  fil_close(other);
  snprintf(path, sizeof path, "%s-titles", s->path);
  CHECK(fil_open(path, s->key, &other) == FIL_OK && fil_sync(other, &s->url, 1, &options, &report) == FIL_OK);
  CHECK(fil_want(other, 1, NULL) == FIL_OK);
  const fil_status *status = NULL;
  CHECK(fil_get_status(other, &status) == FIL_OK && status->open_wishes == 1 && same(status->sections, "none"));
  fil_status_free(status);
  CHECK(fil_sync(other, NULL, 0, NULL, &report) == FIL_OK && report.open_wishes == 0 && report.bodies == 1);
  fil_close(other);
  fil_close(replica);
}
