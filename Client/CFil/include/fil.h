/* fil.h: read the news of a newsroom, and sync it over bad lines. The C face of le Fil, ABI 1.
 *
 * This file is the contract: it is written by hand, and the library is checked against it when it is compiled.
 *
 *   cc reader.c $(pkg-config --cflags --libs fil)
 *
 * Text        is UTF-8 and ends with a zero byte; it is never in a local encoding. Titles and other lines hold no
 *             control character. A body is CommonMark as the newsroom wrote it: keep control characters away from
 *             a terminal, and HTML away from a browser. Sizes are bytes, times are seconds since 1970-01-01T00:00Z;
 *             FIL_NONE stands for a number or a time that there is not.
 * Ownership   What a function returns by an `out` parameter is the caller's, and is given back with the function
 *             that its comment names, once; NULL may be given back too. What a pointer inside a structure points to
 *             belongs to the structure. What is passed in is only read, and only during the call.
 * Errors      A call that can fail returns FIL_OK or why it did not; `out` parameters are then NULL or as they were.
 *             fil_error_code and fil_error_message say more, of the last call of this thread that failed.
 * Threads     Every function may be called on every thread. A fil_replica and a fil_cancellation may be used by
 *             several threads at once; everything else by one thread at a time. Give nothing back while another
 *             thread uses it. Calls that say "blocks" can take as long as a line is slow: keep them off the thread
 *             that draws.
 * Signals     No handler is installed, and none of yours runs on a thread of the library.
 * Processes   Several may have one replica open, and read while one of them syncs. After fork what is open is the
 *             parent's: a child neither uses it nor gives it back; it opens the replica again, best after an exec.
 * Stability   Within ABI 1 no function goes, none changes its meaning, and structures only grow at their end. Those
 *             that the caller makes begin with their size, to be set by FIL_INIT; those that the library makes must
 *             not be copied or put in arrays by value.
 */
#ifndef FIL_H
#define FIL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this file. fil_version() is that of the library that runs. */
#define FIL_VERSION_MAJOR 1
#define FIL_VERSION_MINOR 0
#define FIL_VERSION_PATCH 0

#define FIL_NONE INT64_C(-1)

/* Declares a structure of the caller, ready: zeroes, and its size. For example FIL_INIT(fil_report, report); */
#ifdef __cplusplus
#define FIL_INIT(type, name) type name = type(); name.size = sizeof(type)
#else
#define FIL_INIT(type, name) type name = {0}; name.size = sizeof(type)
#endif

/* How a call ended: the exit statuses of the program fil. */
typedef enum fil_result {
  FIL_OK = 0,
  FIL_FAILED = 1,       /* the disk, the system, a newer file, or the call was cancelled: see fil_error_code */
  FIL_USAGE = 2,        /* the call makes no sense: a NULL that may not be, a key that is none */
  FIL_OFFLINE = 3,      /* no source answers; what was received is kept: try again later */
  FIL_BUDGET_SPENT = 4, /* not everything is here; the next sync goes on */
  FIL_UNTRUSTED = 5,    /* what came is not the newsroom's; nothing of it is kept: another source, or a person looks */
  FIL_DAMAGED = 6,      /* the replica on this disk is damaged: fil_verify with repair, then fil_sync */
  FIL_BUSY = 7,         /* another process or thread syncs this replica: wait for it */
  FIL_NOT_FOUND = 8,    /* there is nothing of that name, or not yet */
  FIL_BEHIND = 9        /* the source is older than the replica: another source, or later */
} fil_result;

/* A stable word for the last failure on this thread, such as "offline", "badSignature", "cancelled"; "" before the
 * first. They are the codes of `fil --json`. Lives until the next call on this thread. */
const char *fil_error_code(void);

/* The same for people who read logs, in English; it holds neither text of articles nor keys. */
const char *fil_error_message(void);

/* The library's version, such as "1.0.0". Lives for ever. */
const char *fil_version(void);

/* ---- A replica: a copy of a feed in one SQLite file ---- */

typedef struct fil_replica fil_replica;

/* Opens the replica at `path`, a file that may have `-wal`, `-shm`, `-lock` and `-spool-N` beside it.
 *
 * `key` is the newsroom's verifier key (`fil-server key`), from somewhere you trust; with it, a missing file is made.
 * NULL: the key that the replica was made with. Close it with fil_close.
 *
 * FIL_NOT_FOUND without file and key, FIL_USAGE for a key that is none or another than the replica's, FIL_FAILED
 * with the code "database" for the file of a newer version. */
fil_result fil_open(const char *path, const char *key, fil_replica **out);

/* Closes it. Articles and the like that came from it stay good. */
void fil_close(fil_replica *replica);

/* Where a replica stands. Made by fil_get_status. */
typedef struct fil_status {
  const char *origin;       /* the feed */
  const char *key;          /* its verifier key */
  const char *sections;     /* which bodies are wanted: "all", "none", or slugs by commas */
  const char *source;       /* of the last sync; NULL: there was none */
  int64_t version;          /* of the state held; 0: nothing yet */
  int64_t signed_at;        /* when the newsroom signed it last; FIL_NONE before the first sync */
  int64_t articles;         /* held, retracted ones included */
  int64_t bodies;
  int64_t missing_bodies;
  int64_t open_wishes;      /* texts that readers asked for (fil_want) and that are not here yet */
  int64_t oldest;           /* the oldest number held */
  int64_t spooled;          /* bytes of unfinished objects that are here, */
  int64_t spool_total;      /* and what they have in all */
  int64_t bytes_received;   /* by all syncs, HTTP headers included */
  int64_t bytes_sent;
  int64_t synced;           /* the last sync that ended well, by the local clock; FIL_NONE: none did */
  int64_t pending_erasures; /* erased texts whose bytes are still in the file */
  int64_t forks;            /* more than 0: two signed states contradict each other, a person must look */
  int complete;             /* everything that was chosen is here */
} fil_status;

/* Tells where the replica stands. Give it back with fil_status_free. */
fil_result fil_get_status(fil_replica *replica, const fil_status **out);
void fil_status_free(const fil_status *status);

/* ---- Reading ---- */

typedef enum fil_body_state {
  FIL_BODY_NONE = 0,     /* the article has no body */
  FIL_BODY_CURRENT = 1,  /* here */
  FIL_BODY_OUTDATED = 2, /* the one before is here; its correction is on its way */
  FIL_BODY_MISSING = 3   /* not here yet, or not chosen */
} fil_body_state;

typedef struct fil_article {
  int64_t number;            /* from 1, for ever */
  int64_t published;
  int64_t updated;           /* of the last correction; FIL_NONE: there was none */
  int64_t retracted;         /* of the withdrawal; FIL_NONE: it stands. Of a withdrawn article only the number, */
  const char *reason;        /* the times and this are left; NULL: it stands */
  const char *title;
  const char *summary;
  const char *section;       /* its slug */
  const char *author;        /* "": the newsroom */
  const char *language;      /* BCP 47; "": the masthead's */
  const char *note;          /* what was corrected; "": nothing, or it does not say */
  const char *const *tags;   /* tag_count of them, then NULL */
  size_t tag_count;
  int urgent;
  int une;                   /* « À la Une » */
  int readable;              /* 0: shown only by a newer version of the library */
  int64_t length;            /* of the body, in bytes, also when it is not here */
  fil_body_state body_state;
  const char *body;          /* CommonMark; NULL: it was not asked for, or is not here */
  size_t body_size;          /* bytes of `body`, without the zero at its end */
  const char *snippet;       /* of a search: text around the words, each match between the bytes 01 and 02; else NULL */
} fil_article;

/* Which articles to list; zeroes: all. */
typedef struct fil_filter {
  size_t size;
  const char *section;  /* of this section and those below it; NULL: of all */
  const char *tag;      /* NULL: with any or none */
  int une;              /* 1: of « À la Une » only */
  int hide_retracted;   /* 1: without retractions */
  int64_t limit;        /* at most so many; 0: 50 */
  int64_t offset;       /* pass over so many */
} fil_filter;

/* Articles, one after another. */
typedef struct fil_articles fil_articles;

/* Lists articles without their bodies, newest first; `filter` may be NULL. All are of one moment, also when a sync
 * goes on. Give the list back with fil_articles_free. FIL_NOT_FOUND for a section that the feed does not have. */
fil_result fil_list(fil_replica *replica, const fil_filter *filter, fil_articles **out);

/* Finds articles with all of these words, best first; accents and case do not matter. No words: no article.
 * `limit` 0: 20. Give the list back with fil_articles_free. */
fil_result fil_search(fil_replica *replica, const char *words, int64_t limit, int64_t offset, fil_articles **out);

/* The next article; NULL at the end. It lives until the next call with this list. */
const fil_article *fil_articles_next(fil_articles *articles);

/* How many articles the list has in all. */
size_t fil_articles_count(const fil_articles *articles);
void fil_articles_free(fil_articles *articles);

/* One article with its body, as far as it is here. Give it back with fil_article_free. */
fil_result fil_get(fil_replica *replica, int64_t number, const fil_article **out);
void fil_article_free(const fil_article *article);

/* What becomes of a reader's wish for a text that is not here. */
typedef enum fil_wish {
  FIL_WISH_QUEUED = 0,    /* the next sync brings it, before other texts */
  FIL_WISH_HERE = 1,      /* the current text is here already */
  FIL_WISH_NO_TEXT = 2,   /* the article has none beside its summary */
  FIL_WISH_RETRACTED = 3,
  FIL_WISH_FULL = 4       /* too many wishes are open; this one was not taken */
} fil_wish;

/* Has the next sync bring the body of an article, whatever sections are wanted; `wish` may be NULL. FIL_NOT_FOUND for
 * a number that is not held. */
fil_result fil_want(fil_replica *replica, int64_t number, fil_wish *wish);

typedef struct fil_section {
  const char *slug;
  const char *title;
  const char *parent;  /* slug of the section above it; "": it stands at the top */
} fil_section;

/* What the feed says of itself. */
typedef struct fil_masthead {
  const char *name;
  const char *about;     /* CommonMark */
  const char *contact;
  const char *language;  /* BCP 47, of articles that name none */
  const fil_section *const *sections;  /* section_count of them, parents before their children, then NULL */
  size_t section_count;
} fil_masthead;

/* FIL_NOT_FOUND before the first sync. Give it back with fil_masthead_free. */
fil_result fil_get_masthead(fil_replica *replica, const fil_masthead **out);
void fil_masthead_free(const fil_masthead *masthead);

/* ---- Syncing ---- */

/* Stops a call from another thread. */
typedef struct fil_cancellation fil_cancellation;

fil_cancellation *fil_cancellation_new(void);

/* Stops the calls that it was given to, now and later; what was received is kept. They fail with the code
 * "cancelled". May be called at any time, from any thread, and more than once; not in a signal handler. */
void fil_cancel(fil_cancellation *cancellation);
void fil_cancellation_free(fil_cancellation *cancellation);

/* How far a sync is. */
typedef struct fil_progress {
  int64_t done;       /* of the object that is on its way: bytes that are here, */
  int64_t total;      /* and its size */
  int64_t headlines;  /* committed by this sync so far: they can be read now */
  int64_t bodies;
  double rate;        /* bytes of this sync per second */
} fil_progress;

/* Is called on the thread that syncs after bytes came; not 0: stop, as fil_cancel does. It may read the replica. */
typedef int (*fil_progress_function)(void *context, const fil_progress *progress);

/* Is called on the thread that syncs when a source was tried; `error` is NULL when it ended well, else a code as
 * fil_error_code gives them. */
typedef void (*fil_attempt_function)(void *context, const char *source, const char *error);

/* What a sync is asked to do; zeroes: as the last time, everything the first time. */
typedef struct fil_sync_options {
  size_t size;
  const char *sections;      /* "all", "none", or slugs by commas; NULL: as the last time */
  int64_t days;              /* hold at least so many days before the newest article; 0: as the last time */
  int64_t budget;            /* the most bytes that it may cost, sent and received; 0: no bound of its own */
  int headlines_only;        /* 1: bodies with a later sync */
  fil_progress_function on_progress;  /* may be NULL, */
  fil_attempt_function on_attempt;    /* as this one */
  void *context;             /* handed to both */
  fil_cancellation *cancellation;     /* NULL: it cannot be stopped from another thread */
  const char *first;         /* slugs by commas whose texts come before others, the most important first; "": none; */
                             /* NULL: as the last time. What is urgent or of À la Une comes before them. */
} fil_sync_options;

/* What a sync did. */
typedef struct fil_report {
  size_t size;
  int64_t from;            /* the replica's version before, */
  int64_t to;              /* and after */
  int64_t requests;
  int64_t bytes_received;  /* as they crossed the socket, HTTP headers included */
  int64_t bytes_sent;
  int64_t headlines;       /* committed */
  int64_t bodies;
  int64_t missing_bodies;  /* that should be here and are not yet */
  int64_t open_wishes;     /* texts that readers asked for and that are not here yet */
  double seconds;
  int64_t signed_at;       /* when the newsroom signed the state held; FIL_NONE: nothing is held */
  int complete;            /* everything that was chosen is here */
} fil_report;

/* Brings the replica to the newsroom's newest state, as far as line and budget allow. Blocks.
 *
 * `sources` are `count` addresses, of HTTP (`https://fil.askia24.net`), of bundles (`news.fil`) or of folders, tried
 * one after another, those that worked last first; with `count` 0 those of earlier syncs. `options` and `report` may be NULL. Whatever
 * ends it, what was verified is readable, what was received is not asked for again, and calling it again goes on;
 * `report` is filled also when it fails. */
fil_result fil_sync(
    fil_replica *replica, const char *const *sources, size_t count, const fil_sync_options *options,
    fil_report *report);

/* What the next sync would cost. */
typedef struct fil_cost {
  size_t size;
  int64_t bytes;        /* that would still come, HTTP headers aside */
  int64_t headlines;    /* in them; FIL_NONE: the source did not say */
  int64_t bodies;
  double seconds;       /* at the rate of the last sync; below 0: not known */
  int64_t bytes_spent;  /* by asking: what came is kept and not paid for again */
} fil_cost;

/* Asks the first of the sources, by one small request, what a sync would cost. Blocks. `cancellation` may be NULL. */
fil_result fil_get_cost(
    fil_replica *replica, const char *const *sources, size_t count, fil_cancellation *cancellation,
    fil_cost *cost);

/* The same if `sections` were what is wanted ("all", "none", or slugs by commas): nothing is kept or changed. Texts
 * older than the replica's version that were not wanted until now are counted at three tenths of their length. */
fil_result fil_get_cost_of(
    fil_replica *replica, const char *sections, const char *const *sources, size_t count,
    fil_cancellation *cancellation, fil_cost *cost);

/* What syncs may cost and have cost. */
typedef struct fil_spending {
  size_t size;
  int64_t day;         /* the most bytes a day, UTC by the local clock; FIL_NONE: no bound */
  int64_t month;       /* of 30 days */
  int64_t today;       /* spent */
  int64_t this_month;
  int64_t left;        /* FIL_NONE: no bound */
} fil_spending;

fil_result fil_get_spending(fil_replica *replica, fil_spending *spending);

/* Bounds what all syncs of a day, and of 30 days, may cost, in bytes; FIL_NONE: no bound. */
fil_result fil_set_budget(fil_replica *replica, int64_t day, int64_t month);

/* ---- Bundles: the news as one file, for a stick or a message ---- */

/* What a bundle that was written holds. */
typedef struct fil_bundle {
  size_t size;
  int64_t version;         /* of the state that it holds */
  int64_t volumes;
  int64_t bodies;
  int64_t missing_bodies;  /* that the replica itself does not have */
  int64_t bytes;           /* of the file */
} fil_bundle;

/* Writes what the replica holds to the file at `path`, of one moment, while a sync may go on. Blocks.
 *
 * `since`: only what came after that version, for whoever stands there or later; 0: everything. `bundle` may be NULL.
 * Until the new file is complete and on the disk, what was at `path` stays. */
fil_result fil_export(fil_replica *replica, const char *path, int64_t since, fil_bundle *bundle);

/* Takes what is new in the bundle at `path`, verified as what a line brings is. Blocks.
 *
 * It costs no bytes of a budget. FIL_NOT_FOUND: the bundle lacks something that this replica needs; FIL_BEHIND: it is
 * older than the replica. What was verified is kept in any case. `cancellation` and `report` may be NULL. */
fil_result fil_import(
    fil_replica *replica, const char *path, fil_cancellation *cancellation, fil_report *report);

/* ---- Watching for changes ---- */

/* Tells when the replica changed, by a sync of this process or of another. It has a thread of its own, which sleeps
 * until the file is written to. */
typedef struct fil_observation fil_observation;

/* Begins to watch. Give it back with fil_observation_free, before or after the replica. */
fil_result fil_observe(fil_replica *replica, fil_observation **out);

/* A file descriptor for poll, epoll or a main loop: it is readable from a change on until fil_observation_take.
 * It belongs to the observation: do not read from it, do not close it. */
int fil_observation_descriptor(const fil_observation *observation);

/* Whether the replica changed since the last call, or since fil_observe. Never blocks. Query again after it said 1:
 * what changed meanwhile is then seen, or told later. */
int fil_observation_take(fil_observation *observation);

/* Ends the watching, and waits until its thread has ended. */
void fil_observation_free(fil_observation *observation);

/* ---- Verifying ---- */

/* What a check of the replica found. */
typedef struct fil_verification {
  int64_t version;
  int64_t records;
  int64_t bodies;
  const char *const *damage;  /* damage_count places, such as "volume 3", "body 812"; then NULL */
  size_t damage_count;
} fil_verification;

/* Hashes everything held again, against what the newsroom signed. Blocks, for seconds with a large replica.
 *
 * FIL_OK: all is sound. FIL_DAMAGED: `out` says where; with `repair` that is forgotten, and the next fil_sync brings
 * it again. Give `out`, which is NULL after other failures, back with fil_verification_free. */
fil_result fil_verify(fil_replica *replica, int repair, const fil_verification **out);
void fil_verification_free(const fil_verification *verification);

#ifdef __cplusplus
}
#endif

#endif
