/*
 * Scope cleanup: `AUTO(fd) int fd = open(...);` closes fd when the scope ends.
 *
 * A cleanup abandons, it never commits: fsync, the close of a written file and
 * rename are visible, checked steps.  A variable marked AUTO is declared with
 * its value in one statement and never meets a goto.  Ownership leaves with
 * take_ptr() or take_fd().  AUTO(x) calls x_auto(), so a room that owns a type
 * declares `x_auto()` beside its `x_free()`.
 */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <stdlib.h>
#include <unistd.h>

#define AUTO(name) __attribute__((cleanup(name##_auto)))

/* Gives the pointer away and leaves NULL behind. */
#define take_ptr(place) \
	({ \
		__typeof__(*(place)) taken_ = *(place); \
		*(place) = NULL; \
		taken_; \
	})

/* Gives the descriptor away and leaves -1 behind. */
static inline int
take_fd(int *place)
{
	int fd = *place;

	*place = -1;
	return fd;
}

/* AUTO(free) char *p: the parameter is the address of any pointer. */
static inline void
free_auto(void *place)
{
	free(*(void **)place);
}

/*
 * AUTO(fd) int fd: for descriptors that were only read from, or whose content
 * is being abandoned; a lost write has no meaning there.
 */
static inline void
fd_auto(const int *place)
{
	if (*place >= 0)
		(void)close(*place);
}

#endif
