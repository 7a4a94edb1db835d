/*
 * A list of the filesystems that reach another kernel: over the network, or
 * across the border of a virtual machine.  FUSE is among them because nothing
 * tells what stands behind it (sshfs, virtiofs of a virtual machine, Docker
 * Desktop's mounts).  Whatever is not listed is a filesystem of this kernel.
 *
 * The other list is of those whose times can be relied on, and there whatever
 * is not listed cannot: a filesystem may round times or take another's clock.
 */
#include "database/filesystem.h"

#include <stddef.h>
#include <sys/vfs.h>

/* The numbers are f_type of statfs(2). */
static const struct {
	unsigned long type;
	const char *name;
} shared[] = {
	{ 0x00006969, "NFS" },
	{ 0x0000517b, "SMB" },
	{ 0xfe534d42, "SMB" },
	{ 0xff534d42, "CIFS" },
	{ 0x0000564c, "NCP" },
	{ 0x5346414f, "AFS" },
	{ 0x6b414653, "AFS" },
	{ 0x73757245, "Coda" },
	{ 0x00c36400, "Ceph" },
	{ 0x01161970, "GFS2" },
	{ 0x7461636f, "OCFS2" },
	{ 0x0bd00bd0, "Lustre" },
	{ 0x47504653, "GPFS" },
	{ 0x20030528, "OrangeFS" },
	{ 0x01021997, "9p" },
	{ 0x65735546, "FUSE" },
	{ 0x786f4256, "VirtualBox shared folder" },
	{ 0xbacbacbc, "VMware shared folder" },
	{ 0x7c7c6673, "Parallels shared folder" },
};

int
filesystem_shared(const char *path, const char **ret_name, struct err *err)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return err_system(err, "ask for the filesystem of '%s'", path);
	*ret_name = NULL;
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		/* f_type is signed and may be wider than the number. */
		if (shared[i].type == ((unsigned long)fs.f_type & 0xffffffff))
			*ret_name = shared[i].name;
	return 0;
}

/* overlayfs hands on the times of the filesystem on which it writes. */
static const unsigned long telling[] = {
	0x0000ef53, /* ext2, ext3, ext4 */
	0x58465342, /* XFS */
	0x9123683e, /* btrfs */
	0xf2f52010, /* F2FS */
	0x2fc12fc1, /* ZFS */
	0x01021994, /* tmpfs */
	0x794c7630, /* overlayfs */
};

bool
filesystem_tells_changes(const char *path)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++)
		if (telling[i] == ((unsigned long)fs.f_type & 0xffffffff))
			return true;
	return false;
}
