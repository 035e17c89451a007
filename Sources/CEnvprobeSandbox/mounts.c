#include "mounts.h"

#include "CEnvprobeSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From <linux/mount.h>, which cannot be included together with <sys/mount.h>. */
#define OPEN_TREE_CLONE_ 1
#define OPEN_TREE_CLOEXEC_ O_CLOEXEC
#define MOVE_MOUNT_F_EMPTY_PATH_ 0x4
#define AT_RECURSIVE_ 0x8000
#define MOUNT_ATTR_IDMAP_ 0x00100000

struct attributes {
  uint64_t set, clear, propagation, namespace;
};

int envprobe_detached_mount(const char *path) {
  long tree = syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE_ | OPEN_TREE_CLOEXEC_ | AT_RECURSIVE_);
  return tree < 0 ? -errno : (int)tree;
}

int envprobe_move_mount(int tree, const char *target) {
  return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH_);
}

int envprobe_set_attributes(const char *path, uint64_t set, uint64_t clear, int recursive) {
  struct attributes attributes = {.set = set, .clear = clear};
  return (int)syscall(
    SYS_mount_setattr, AT_FDCWD, path, recursive ? AT_RECURSIVE_ : 0, &attributes, sizeof attributes);
}

int envprobe_map_mount(int mount, int namespace) {
  struct attributes attributes = {.set = MOUNT_ATTR_IDMAP_, .namespace = (uint64_t)namespace};
  long result = syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
  return result < 0 ? -errno : 0;
}
