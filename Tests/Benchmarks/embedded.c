/* The same over libfil: see small.c. */
#include <fil.h>
#include <stdio.h>
#include <unistd.h>

int main(int count, char **words) {
  fil_replica *replica = NULL;
  const fil_status *status = NULL;
  fil_observation *observation = NULL;
  char byte;
  if (count < 2 || fil_open(words[1], NULL, &replica) != FIL_OK || fil_get_status(replica, &status) != FIL_OK)
    return fprintf(stderr, "%s\n", fil_error_message()), 1;
  printf("version %lld, %lld articles, %lld bodies, %lld missing\n", (long long)status->version,
         (long long)status->articles, (long long)status->bodies, (long long)status->missing_bodies);
  fflush(stdout);
  fil_status_free(status);
  if (count > 2) {
    if (fil_observe(replica, &observation) != FIL_OK || read(0, &byte, 1) < 0) return 1;
    fil_observation_free(observation);
  }
  fil_close(replica);
  return 0;
}
