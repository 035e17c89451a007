#include "CEnvprobeRecorder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int envprobe_open_inside(int root, const char *path, int follows, uid_t user, gid_t group) {
  // The kernel's own resolution would take an absolute link from this process's root.
  struct open_how how = {.flags = O_PATH | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW), .resolve = RESOLVE_IN_ROOT};
  // This thread's own, and only for a moment: root may look where the program may not.
  int isOther = user != geteuid();
  if (isOther) {
    setfsgid(group);
    setfsuid(user);
  }
  int file = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
  int error = errno;
  if (isOther) {
    setfsuid(geteuid());
    setfsgid(getegid());
  }
  return file < 0 ? -error : file;
}

int envprobe_copy_descriptor(int process, int descriptor) {
  int copy = (int)syscall(SYS_pidfd_getfd, process, descriptor, 0);
  return copy < 0 ? -errno : copy;
}

int envprobe_status(int file, void *out) {
  return syscall(SYS_newfstatat, file, "", out, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int envprobe_extended_status(int file, unsigned flags, unsigned mask, void *out) {
  enum { SYNCHRONISATION = 0x6000 };
  return syscall(SYS_statx, file, "", AT_EMPTY_PATH | (flags & SYNCHRONISATION), mask, out) < 0 ? -errno : 0;
}
