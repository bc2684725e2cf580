/* A reader for the terminal, over libfil: headlines, articles, search, and a sync that goes on while one reads.
 *
 *   cc -o reader reader.c $(pkg-config --cflags --libs fil ncursesw) -pthread
 *   ./reader gao.db [KEY SOURCE]
 *
 * Up and down choose, Enter reads, / searches, s syncs, x stops the sync, q goes back and quits. What arrives, by this
 * sync or by another program's, is shown at once: the loop waits for keys and for changes of the replica alike.
 */
#include <curses.h>
#include <fil.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

enum { PAGE = 500, WIDTH = 90 };

static struct {
  fil_replica *replica;
  const char *source;
  fil_cancellation *cancellation;  /* while a sync goes on, and until its thread was joined */
  pthread_t thread;
  int bell[2];                     /* the syncing thread writes, the loop wakes up */
  pthread_mutex_t lock;            /* of the three below */
  char news[256];
  int is_done;
  time_t told;
} app = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t numbers[PAGE];
static char titles[PAGE][512];
static int count, chosen;

static void tell(const char *text, int is_done) {
  pthread_mutex_lock(&app.lock);
  snprintf(app.news, sizeof app.news, "%s", text);
  app.is_done |= is_done;
  pthread_mutex_unlock(&app.lock);
  if (write(app.bell[1], "", 1) < 0) return; /* it rings already */
}

static int on_progress(void *context, const fil_progress *p) {
  char text[256];
  (void)context;
  if (time(NULL) == app.told && p->done < p->total) return 0;
  app.told = time(NULL);
  snprintf(text, sizeof text, "%lld / %lld octets, %lld titres, %lld textes", (long long)p->done,
           (long long)p->total, (long long)p->headlines, (long long)p->bodies);
  tell(text, 0);
  return 0;
}

static void *sync_thread(void *unused) {
  FIL_INIT(fil_sync_options, options);
  FIL_INIT(fil_report, report);
  char text[256];
  (void)unused;
  options.on_progress = on_progress;
  options.cancellation = app.cancellation;
  if (fil_sync(app.replica, &app.source, app.source ? 1 : 0, &options, &report) == FIL_OK)
    snprintf(text, sizeof text, "version %lld, %lld octets", (long long)report.to,
             (long long)(report.bytes_received + report.bytes_sent));
  else
    snprintf(text, sizeof text, "%s", fil_error_message());
  tell(text, 1);
  return NULL;
}

static void start_sync(void) {
  if (app.cancellation) return;
  app.cancellation = fil_cancellation_new();
  app.is_done = 0;
  if (pthread_create(&app.thread, NULL, sync_thread, NULL) == 0) return;
  fil_cancellation_free(app.cancellation);
  app.cancellation = NULL;
}

static void end_sync(void) {
  if (!app.cancellation) return;
  pthread_join(app.thread, NULL);
  fil_cancellation_free(app.cancellation);
  app.cancellation = NULL;
}

/* Fills the list: the newest articles, or those with `words`. */
static void load(const char *words) {
  fil_articles *list = NULL;
  FIL_INIT(fil_filter, filter);
  filter.limit = PAGE;
  fil_result result = *words ? fil_search(app.replica, words, PAGE, 0, &list) : fil_list(app.replica, &filter, &list);
  const fil_article *a;
  count = 0;
  if (result != FIL_OK) tell(fil_error_message(), 0);
  while ((a = fil_articles_next(list)) && count < PAGE) {
    char date[16];
    time_t published = (time_t)a->published;
    struct tm day;
    strftime(date, sizeof date, "%d/%m", gmtime_r(&published, &day));
    numbers[count] = a->number;
    if (a->reason) snprintf(titles[count++], sizeof titles[0], "%s  (retiré : %s)", date, a->reason);
    else snprintf(titles[count++], sizeof titles[0], "%s %s %s", date, a->urgent ? "!" : " ", a->title);
  }
  fil_articles_free(list);
  if (chosen >= count) chosen = count ? count - 1 : 0;
}

/* Prints UTF-8 from line `y` on, cut between words at the width of the window; the line after the last. */
static int print_text(int y, int skip, const char *text) {
  size_t size = strlen(text) + 1;
  wchar_t *wide = calloc(size, sizeof *wide);
  int width = COLS < WIDTH ? COLS : WIDTH;
  if (!wide || mbstowcs(wide, text, size) == (size_t)-1) return free(wide), y + 1;
  for (wchar_t *line = wide; *line; y++) {
    wchar_t *end = line, *space = NULL;
    for (int used = 0; *end && *end != L'\n'; end++) {
      if (iswcntrl((wint_t)*end)) *end = L'?'; /* a terminal obeys control characters */
      if (iswspace((wint_t)*end)) space = end;
      if ((used += wcwidth(*end) > 0 ? wcwidth(*end) : 0) > width) break;
    }
    if (*end && *end != L'\n' && space > line) end = space;
    if (end == line && *end && *end != L'\n') end++; /* a window of no width */
    if (y >= skip && y - skip < LINES - 1) mvaddnwstr(y - skip, 0, line, (int)(end - line));
    line = end + (*end == L'\n' || *end == L' ');
  }
  free(wide);
  return y;
}

static void draw_list(void) {
  int first = chosen / (LINES - 1) * (LINES - 1);
  for (int i = first; i < count && i - first < LINES - 1; i++) {
    if (i == chosen) attron(A_REVERSE);
    mvaddnstr(i - first, 0, titles[i], COLS);
    attroff(A_REVERSE);
  }
  if (!count) mvaddstr(0, 0, "Rien encore : s pour synchroniser.");
}

static void draw_article(int64_t number, int *skip) {
  const fil_article *a = NULL;
  if (fil_get(app.replica, number, &a) != FIL_OK) return;
  attron(A_BOLD);
  int y = print_text(0, *skip, a->title);
  attroff(A_BOLD);
  if (a->updated != FIL_NONE) y = print_text(y, *skip, *a->note ? a->note : "(corrigé)");
  if (a->body_state == FIL_BODY_OUTDATED) y = print_text(y, *skip, "(une version corrigée est en route)");
  y = print_text(y + 1, *skip, a->reason ? a->reason : a->body ? a->body : a->summary);
  if (*skip > y - 2) *skip = y > 2 ? y - 2 : 0;
  fil_article_free(a);
}

int main(int argc, char **argv) {
  char words[128] = "";
  int is_searching = 0, skip = 0;
  int64_t reading = 0;
  fil_observation *observation = NULL;
  if (argc < 2) return fprintf(stderr, "usage: %s REPLICA [KEY SOURCE]\n", argv[0]), 2;
  app.source = argc > 3 ? argv[3] : NULL;
  if (fil_open(argv[1], argc > 2 ? argv[2] : NULL, &app.replica) != FIL_OK || pipe(app.bell) != 0 ||
      fil_observe(app.replica, &observation) != FIL_OK)
    return fprintf(stderr, "%s\n", fil_error_message()), 1;
  setlocale(LC_ALL, "");
  initscr(), cbreak(), noecho(), keypad(stdscr, TRUE), nodelay(stdscr, TRUE), set_escdelay(25);
  load(words);
  for (int is_over = 0; !is_over;) {
    erase();
    if (reading) draw_article(reading, &skip);
    else draw_list();
    attron(A_REVERSE);
    pthread_mutex_lock(&app.lock);
    mvprintw(LINES - 1, 0, "%s%s  %s", is_searching || *words ? "/" : "", words, app.news);
    int is_done = app.is_done;
    pthread_mutex_unlock(&app.lock);
    attroff(A_REVERSE);
    refresh();
    if (is_done) end_sync();
    struct pollfd waiting[] = {{0, POLLIN, 0}, {fil_observation_descriptor(observation), POLLIN, 0}, {app.bell[0], POLLIN, 0}};
    poll(waiting, 3, -1);
    char rung[64];
    if (waiting[2].revents && read(app.bell[0], rung, sizeof rung) < 0) break;
    if (waiting[0].revents & (POLLHUP | POLLERR)) break;
    if (fil_observation_take(observation)) load(words);
    for (int key; (key = getch()) != ERR;) {
      size_t length = strlen(words);
      if (is_searching && key != '\n') {
        if (key == KEY_BACKSPACE || key == 127) words[length ? length - 1 : 0] = 0;
        else if (key >= ' ' && key < 256 && length + 1 < sizeof words) words[length] = (char)key, words[length + 1] = 0;
      } else if (is_searching) is_searching = 0, chosen = 0, load(words);
      else if (key == 'q') {
        if (reading) reading = 0;
        else if (*words) *words = 0, load(words);
        else is_over = 1;
      } else if (key == '/') is_searching = 1, reading = 0, *words = 0;
      else if (key == 's') start_sync();
      else if (key == 'x' && app.cancellation) fil_cancel(app.cancellation);
      else if (key == '\n' && count) reading = numbers[chosen], skip = 0;
      else if (key == KEY_DOWN) *(reading ? &skip : &chosen) += reading || chosen + 1 < count;
      else if (key == KEY_UP) *(reading ? &skip : &chosen) -= (reading ? skip : chosen) > 0;
    }
  }
  endwin();
  if (app.cancellation) fil_cancel(app.cancellation);
  end_sync();
  fil_observation_free(observation);
  fil_close(app.replica);
  return 0;
}
