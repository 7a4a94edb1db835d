/*
 * Secrets in memory: the URL of a health check, a key.
 *
 * Always true after secret_guard(): the process leaves no core dump, and no
 * other process of its user can look into its memory (prctl(2),
 * PR_SET_DUMPABLE).  It does not pass on to programs that are executed, as a
 * limit of core dumps would; and it also covers the copies that libraries make.
 * A process that has no secret stays open to debuggers.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

/* Call it before the first secret is read. */
void secret_guard(void);

/* Wipes a text, up to its NUL, and frees it; takes NULL. */
void secret_free(char *text);

/* AUTO(secret) char *text */
void secret_auto(char **place);

#endif
