/* A few lines of test harness: what holds is written as a condition, and what does not is told with its place. */
#ifndef CHECK_H
#define CHECK_H

#include <fil.h>
#include <stdio.h>
#include <string.h>

extern int failures;

#define CHECK(condition)                                                                        \
  do {                                                                                          \
    if (!(condition)) {                                                                         \
      fprintf(stderr, "%s:%d: not so: %s (last error %s: %s)\n", __FILE__, __LINE__, #condition, \
              fil_error_code(), fil_error_message());                                           \
      __atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);                                       \
    }                                                                                           \
  } while (0)

static inline int same(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }

/* What the tests run against: see Tests/CTests/run. */
struct setting {
  const char *program; /* this one, to run parts of itself in another process */
  const char *url;     /* of a newsroom */
  const char *key;     /* its key */
  const char *path;    /* of a replica */
};

void test_errors(const struct setting *);
void test_first_sync(const struct setting *);
void test_structures(const struct setting *);
void test_reading(const struct setting *);
void test_verify(const struct setting *);
void test_cancel(const struct setting *);
void test_budget(const struct setting *);
void test_observe(const struct setting *);
void test_threads(const struct setting *);
void test_processes(const struct setting *);
void test_bundles(const struct setting *);
void test_cycles(const struct setting *);
void read_everything(fil_replica *replica);
int run_part(const struct setting *, const char *part, const char *path, int in_background);
int wait_for(int process);

#endif
