/* The last failure of each thread. It is kept in C, in memory that every thread has from its start: no allocation can
 * fail, and nothing is left when the thread ends. */
#include "fil.h"
#include "fil_private.h"

#include <string.h>

static _Thread_local char last_code[64];
static _Thread_local char last_message[1024];

static void copy(char *to, size_t size, const char *from) {
  size_t length = strlen(from);
  if (length >= size) {
    length = size - 1;
    /* Not in the middle of a character: UTF-8 goes on with 10xxxxxx. */
    while (length > 0 && (from[length] & 0xC0) == 0x80) length--;
  }
  memcpy(to, from, length);
  to[length] = 0;
}

void filc_remember(const char *code, const char *message) {
  copy(last_code, sizeof last_code, code);
  copy(last_message, sizeof last_message, message);
}

const char *fil_error_code(void) { return last_code; }

const char *fil_error_message(void) { return last_message; }
