/*
 * Two lists.  The first is of the filesystems that reach another kernel: over the network, or
 * across the border of a virtual machine.  FUSE is among them because nothing
 * tells what stands behind it (sshfs, virtiofs of a virtual machine, Docker
 * Desktop's mounts).  Whatever is not listed is a filesystem of this kernel.
 *
 * Another list is of those that store nothing.  The last is of those whose
 * times can be relied on, and there whatever is not listed cannot: a filesystem
 * may round times or take another's clock.
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

/* f_type is signed and may be wider than the number. */
static unsigned long
type_of(const struct statfs *fs)
{
	return (unsigned long)fs->f_type & 0xffffffff;
}

int
filesystem_shared(const char *path, const char **ret_name, struct err *err)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return err_system(err, "ask for the filesystem of '%s'", path);
	*ret_name = NULL;
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (shared[i].type == type_of(&fs))
			*ret_name = shared[i].name;
	return 0;
}

/* proc, sys, cgroup, cgroup2, debugfs, tracefs, securityfs, configfs, bpf,
 * pstore, efivarfs, selinuxfs, devpts, binfmt_misc, fusectl, rpc_pipefs */
static const unsigned long virtual[] = { 0x00009fa0, 0x62656572, 0x0027e0eb,
	0x63677270, 0x64626720, 0x74726163, 0x73636673, 0x62656570, 0xcafe4a11,
	0x6165676c, 0xde5e81e4, 0xf97cff8c, 0x00001cd1, 0x42494e4d, 0x65735543,
	0x67596969 };

bool
filesystem_virtual(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof(virtual) / sizeof(virtual[0]); i++)
		if (virtual[i] == type_of(&fs))
			return true;
	return false;
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
		if (telling[i] == type_of(&fs))
			return true;
	return false;
}
