/* What the C library's Swift half needs of its C half; not installed, and not for others. */
#ifndef FIL_PRIVATE_H
#define FIL_PRIVATE_H

/* Remembers a failure of this thread; texts that are too long are cut between two characters. */
void filc_remember(const char *code, const char *message);

#endif
