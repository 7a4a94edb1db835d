/*
 * One error, owned by the caller, filled by whoever finds the fault.
 *
 * Functions that can fail return 0 or -1 and take a `struct err *` as their
 * last parameter.  The lowest place that knows says what failed, on which
 * object and why; each level above may add where with err_within().  Nothing
 * here needs the heap, so an error can be told when memory is gone.  A struct
 * err is used by one thread at a time.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* What cannot fail is asserted, also of libraries; without, it would go on. */
#ifdef NDEBUG
#error "litesafe is built without -DNDEBUG"
#endif

/* Few kinds: each one changes what the caller does or the exit code. */
enum err_kind {
	ERR_NONE = 0,
	ERR_FAILED, /* the system or a library said no */
	ERR_USAGE, /* the request makes no sense as it stands */
	ERR_DAMAGED, /* stored bytes are not what was stored */
	ERR_ABSENT, /* nothing matches the request */
	ERR_BUSY, /* a lock was not had, or a time limit ended the wait */
	ERR_NO_SPACE, /* disk or quota is full */
	ERR_INPUT, /* the input object cannot be used for this */
	ERR_REFUSED, /* possible, but not safe */
	ERR_REPOSITORY, /* there is no repository, or it cannot be read */
	ERR_PARTIAL, /* some of several things failed; each was told */
	ERR_STOPPED, /* a signal asked us to stop; code is its number */
};

struct err {
	enum err_kind kind;
	int code; /* errno, SQLite result or signal; 0 if none */
	char text[640]; /* what, on which object, why; no full stop */
	char hint[640]; /* the next step, or empty */
};

/* Fills `err`; always returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum err_kind kind, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * The same from errno: ": No such file or directory" is added to the text, and
 * the kind is ERR_NO_SPACE for ENOSPC and EDQUOT, else ERR_FAILED.
 */
int err_system(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "where: " in front of the text that is already there; returns -1. */
int err_within(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets the hint (the operator's next step); returns -1. */
int err_hint(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
