/* The newest headlines of a replica, as an app in C would show them: cc headlines.c $(pkg-config --cflags --libs fil) */
#include <fil.h>
#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv) {
  fil_replica *replica = NULL;
  fil_articles *articles = NULL;
  const fil_article *article;
  if (argc != 2 || fil_open(argv[1], NULL, &replica) != FIL_OK || fil_list(replica, NULL, &articles) != FIL_OK) {
    fprintf(stderr, "headlines: %s\n", argc == 2 ? fil_error_message() : "name a replica");
    fil_close(replica);
    return 1;
  }
  printf("libfil %s: %zu articles\n", fil_version(), fil_articles_count(articles));
  while ((article = fil_articles_next(articles)) != NULL) printf("%" PRId64 " %s\n", article->number, article->title);
  fil_articles_free(articles);
  fil_close(replica);
  return 0;
}
