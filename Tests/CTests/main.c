/* fil_test URL KEY REPLICA [PART]: the tests of libfil, in C99; without PART all of them. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int failures = 0;

static const struct {
  const char *name;
  void (*run)(const struct setting *);
} tests[] = {
    {"errors", test_errors},   {"first", test_first_sync}, {"structures", test_structures},
    {"reading", test_reading}, {"verify", test_verify},    {"bundles", test_bundles},
    {"cancel", test_cancel},
    {"budget", test_budget},   {"observe", test_observe},  {"threads", test_threads},
    {"processes", test_processes}, {"cycles", test_cycles},
};

/* Starts a part of this program in another process; its number. */
int run_part(const struct setting *s, const char *part, const char *path, int in_background) {
  pid_t process = fork();
  if (process == 0) {
    execl(s->program, s->program, s->url, s->key, path, part, (char *)NULL);
    _exit(127);
  }
  return in_background ? (int)process : wait_for((int)process);
}

/* How another process ended: 0 is well. */
int wait_for(int process) {
  int status = 0;
  if (waitpid((pid_t)process, &status, 0) < 0) return 126;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}

/* What the tests have another process do. */
static int help(const struct setting *s, const char *part) {
  fil_replica *replica = NULL;
  CHECK(fil_open(s->path, s->key, &replica) == FIL_OK);
  if (!replica) return 1;
  if (same(part, "+sync")) {
    fil_result result = fil_sync(replica, &s->url, 1, NULL, NULL);
    CHECK(result == FIL_OK || result == FIL_BUSY);
  } else if (same(part, "+budget")) {
    CHECK(fil_set_budget(replica, 123456789, FIL_NONE) == FIL_OK);
  } else {
    for (int turn = 0; turn < 20; turn++) read_everything(replica);
  }
  fil_close(replica);
  return failures ? 1 : 0;
}

int main(int count, char **words) {
  if (count < 4) {
    fprintf(stderr, "usage: %s URL KEY REPLICA [PART]\n", words[0]);
    return 2;
  }
  struct setting setting = {words[0], words[1], words[2], words[3]};
  if (count > 4 && words[4][0] == '+') return help(&setting, words[4]);
  int ran = 0;
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    if (count > 4 && !same(words[4], tests[i].name)) continue;
    int before = failures;
    tests[i].run(&setting);
    printf("%s %s\n", failures == before ? "ok    " : "FAILED", tests[i].name);
    fflush(stdout);
    ran++;
  }
  printf("%d tests of the C library, %d conditions failed\n", ran, failures);
  return failures == 0 && ran > 0 ? 0 : 1;
}
