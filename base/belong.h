/*
 * Whose is what root makes in another user's folder.
 *
 * A repository, or the state of one, belongs to one user.  Root may work there,
 * but what it leaves must not keep that user out of his own history: it becomes
 * his.  Nobody else ever gives a file away.
 */
#ifndef BASE_BELONG_H
#define BASE_BELONG_H

/*
 * `fd` is a file or folder that was just made in the folder `folder_fd`.  Where this process
 * is root, it is root's, and the folder is another user's, it gets the folder's
 * owner and group.
 * No failure: where giving away is not permitted (a container, NFS), it stays
 * root's, as whatever root makes there does.
 */
void belong_to(int fd, int folder_fd);

/* The same of a folder by its path, and the folder above it. */
void belong_above(const char *path);

/*
 * openat() of a file in such a folder, of mode 0600 if it is made, following no
 * link; what root makes so, or finds there of its own, is given as above.  -1
 * and errno; EMLINK for a file with a second name, which is not touched; so
 * without O_TRUNC.
 */
int belong_open(int folder_fd, const char *name, int flags);

#endif
