/* Several threads and processes: cancelling, budgets, watching, a thousand cycles. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server that takes connections and says nothing. */
static int listen_silently(char *url, size_t size) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  CHECK(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 8) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
  snprintf(url, size, "http://127.0.0.1:%d", ntohs(address.sin_port));
  return listener;
}

struct syncing {
  fil_replica *replica;
  const char *url;
  fil_cancellation *cancellation;
  fil_result result;
  char code[32];
  char before[32];
};

static void *sync_in_thread(void *argument) {
  struct syncing *it = argument;
  snprintf(it->before, sizeof it->before, "%s", fil_error_code());
  FIL_INIT(fil_sync_options, options);
  options.cancellation = it->cancellation;
  it->result = fil_sync(it->replica, &it->url, 1, &options, NULL);
  snprintf(it->code, sizeof it->code, "%s", fil_error_code());
  return NULL;
}

static int stop_at_once(void *context, const fil_progress *progress) {
  (void)progress;
  ++*(int *)context;
  return 1;
}

void test_cancel(const struct setting *s) {
  char url[64], path[512];
  int listener = listen_silently(url, sizeof url);
  struct syncing it = {NULL, url, fil_cancellation_new(), FIL_OK, "", ""};
  CHECK(fil_open(s->path, NULL, &it.replica) == FIL_OK);
  CHECK(fil_get(it.replica, 0, &(const fil_article *){NULL}) == FIL_NOT_FOUND);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, sync_in_thread, &it) == 0);
  /* Once the connection is there, the sync waits for an answer that never comes. */
  int connection = accept(listener, NULL, NULL);
  CHECK(connection >= 0);
  fil_cancel(it.cancellation);
  fil_cancel(it.cancellation);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(it.result == FIL_FAILED && same(it.code, "cancelled"));
  CHECK(same(it.before, ""));                     /* a new thread knows of no failure, */
  CHECK(same(fil_error_code(), "notFound"));      /* and this one does not know of its */
  it.url = s->url;
  sync_in_thread(&it);
  CHECK(same(it.code, "cancelled"));              /* once cancelled, for good */
  fil_cancellation_free(it.cancellation);
  fil_close(it.replica);
  close(connection), close(listener);

  int calls = 0;
  snprintf(path, sizeof path, "%s-stopped", s->path);
  FIL_INIT(fil_sync_options, options);
  options.on_progress = stop_at_once;
  options.context = &calls;
  CHECK(fil_open(path, s->key, &it.replica) == FIL_OK);
  CHECK(fil_sync(it.replica, &s->url, 1, &options, NULL) == FIL_FAILED && same(fil_error_code(), "cancelled"));
  CHECK(calls >= 1);
  CHECK(fil_sync(it.replica, &s->url, 1, NULL, NULL) == FIL_OK);
  fil_close(it.replica);
}

void test_budget(const struct setting *s) {
  char path[512];
  fil_replica *replica = NULL;
  snprintf(path, sizeof path, "%s-poor", s->path);
  CHECK(fil_open(path, s->key, &replica) == FIL_OK);
  FIL_INIT(fil_spending, spending);
  CHECK(fil_get_spending(replica, &spending) == FIL_OK);
  CHECK(spending.day == FIL_NONE && spending.left == FIL_NONE && spending.today == 0);
  FIL_INIT(fil_sync_options, options);
  options.budget = 3000;
  FIL_INIT(fil_report, report);
  CHECK(fil_sync(replica, &s->url, 1, &options, &report) == FIL_BUDGET_SPENT);
  CHECK(report.bytes_received > 0 && report.bytes_received + report.bytes_sent <= 3000 && !report.complete);
  CHECK(fil_set_budget(replica, 3001, 1000000) == FIL_OK);
  CHECK(fil_get_spending(replica, &spending) == FIL_OK);
  CHECK(spending.day == 3001 && spending.month == 1000000 && spending.left == 3001 - spending.today);
  CHECK(fil_sync(replica, &s->url, 1, NULL, &report) == FIL_BUDGET_SPENT);
  CHECK(fil_set_budget(replica, FIL_NONE, FIL_NONE) == FIL_OK);
  CHECK(fil_sync(replica, &s->url, 1, NULL, &report) == FIL_OK && report.complete);
  fil_close(replica);
}

static int readable(int descriptor, int milliseconds) {
  struct pollfd waiting = {descriptor, POLLIN, 0};
  return poll(&waiting, 1, milliseconds) == 1;
}

void test_observe(const struct setting *s) {
  fil_replica *replica = NULL;
  fil_observation *observation = NULL;
  CHECK(fil_open(s->path, NULL, &replica) == FIL_OK);
  CHECK(fil_observe(replica, &observation) == FIL_OK);
  int descriptor = fil_observation_descriptor(observation);
  CHECK(descriptor >= 0 && !readable(descriptor, 0) && fil_observation_take(observation) == 0);

  CHECK(fil_set_budget(replica, 77, FIL_NONE) == FIL_OK);  /* by this process */
  CHECK(readable(descriptor, 30000));
  CHECK(fil_observation_take(observation) == 1 && fil_observation_take(observation) == 0);
  CHECK(!readable(descriptor, 0));

  CHECK(run_part(s, "+budget", s->path, 0) == 0);          /* by another */
  CHECK(readable(descriptor, 30000) && fil_observation_take(observation) == 1);
  FIL_INIT(fil_spending, spending);
  CHECK(fil_get_spending(replica, &spending) == FIL_OK && spending.day == 123456789);
  CHECK(fil_set_budget(replica, FIL_NONE, FIL_NONE) == FIL_OK);
  fil_close(replica);
  CHECK(readable(descriptor, 30000));                      /* the replica may go first */
  fil_observation_free(observation);
}

static void *read_in_thread(void *argument) {
  for (int turn = 0; turn < 20; turn++) read_everything(argument);
  return NULL;
}

void test_threads(const struct setting *s) {
  char path[512];
  snprintf(path, sizeof path, "%s-threads", s->path);
  fil_replica *replica = NULL;
  CHECK(fil_open(path, s->key, &replica) == FIL_OK);
  pthread_t readers[2], writers[2];
  struct syncing syncs[2];
  for (int i = 0; i < 2; i++) {
    syncs[i] = (struct syncing){replica, s->url, NULL, FIL_OK, "", ""};
    CHECK(pthread_create(&writers[i], NULL, sync_in_thread, &syncs[i]) == 0);
    CHECK(pthread_create(&readers[i], NULL, read_in_thread, replica) == 0);
  }
  for (int i = 0; i < 2; i++) {
    CHECK(pthread_join(writers[i], NULL) == 0 && pthread_join(readers[i], NULL) == 0);
    CHECK(syncs[i].result == FIL_OK || syncs[i].result == FIL_BUSY);
  }
  CHECK(syncs[0].result == FIL_OK || syncs[1].result == FIL_OK);
  const fil_verification *found = NULL;
  CHECK(fil_verify(replica, 0, &found) == FIL_OK);
  fil_verification_free(found);
  fil_close(replica);
}

void test_processes(const struct setting *s) {
  char path[512];
  snprintf(path, sizeof path, "%s-processes", s->path);
  fil_replica *replica = NULL;
  CHECK(fil_open(path, s->key, &replica) == FIL_OK);
  int other = run_part(s, "+sync", path, 1), reader = run_part(s, "+read", path, 1);
  read_everything(replica);
  fil_result result = fil_sync(replica, &s->url, 1, NULL, NULL);
  CHECK(result == FIL_OK || result == FIL_BUSY);
  CHECK(wait_for(other) == 0 && wait_for(reader) == 0);
  CHECK(fil_sync(replica, &s->url, 1, NULL, NULL) == FIL_OK);
  const fil_verification *found = NULL;
  CHECK(fil_verify(replica, 0, &found) == FIL_OK);
  fil_verification_free(found);
  fil_close(replica);
}

static int entries(const char *folder) {
  int count = 0;
  DIR *open = opendir(folder);
  while (open && readdir(open)) count++;
  if (open) closedir(open);
  return count;
}

static void cycle(const struct setting *s) {
  fil_replica *replica = NULL;
  fil_observation *observation = NULL;
  FIL_INIT(fil_report, report);
  CHECK(fil_open(s->path, NULL, &replica) == FIL_OK && fil_observe(replica, &observation) == FIL_OK);
  CHECK(fil_sync(replica, &s->url, 1, NULL, &report) == FIL_OK && report.complete);
  fil_observation_free(observation);
  fil_close(replica);
}

void test_cycles(const struct setting *s) {
  const char *text = getenv("FIL_TEST_CYCLES");
  int cycles = text ? atoi(text) : 1000;
  for (int i = 0; i < cycles / 10; i++) cycle(s);
  size_t before = mallinfo2().uordblks;
  int descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
  for (int i = 0; i < cycles; i++) cycle(s);
  size_t after = mallinfo2().uordblks;
  CHECK(after < before + 64 * 1024);
  CHECK(entries("/proc/self/fd") == descriptors && entries("/proc/self/task") == threads);
  printf("       %d cycles: heap %zu -> %zu bytes, descriptors %d -> %d\n", cycles, before, after,
         descriptors, entries("/proc/self/fd"));
}
