#include "CEnvprobeRecorder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 64 };

ssize_t envprobe_read_memory(pid_t pid, uint64_t address, void *out, size_t count) {
  // A range of its own for every page: the kernel promises partial results between ranges only.
  struct iovec remote[PAGES];
  size_t pages = 0, listed = 0;
  while (listed < count && pages < PAGES) {
    uint64_t start = address + listed;
    size_t length = PAGE - (start & (PAGE - 1));
    if (length > count - listed) length = count - listed;
    remote[pages].iov_base = (void *)(uintptr_t)start;
    remote[pages++].iov_len = length;
    listed += length;
  }
  struct iovec local = {out, listed};
  ssize_t copied = process_vm_readv(pid, &local, 1, remote, pages, 0);
  return copied < 0 ? -errno : copied;
}

int envprobe_open_process(pid_t pid) {
  int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
  return descriptor < 0 ? -errno : descriptor;
}

int envprobe_socket_type(int process, int descriptor, uint64_t *cookie) {
  *cookie = 0;
  int copy = (int)syscall(SYS_pidfd_getfd, process, descriptor, 0);
  if (copy < 0) return -errno;
  int type = 0;
  socklen_t size = sizeof type;
  int result = getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ? -errno : type;
  size = sizeof *cookie;
  if (result >= 0 && getsockopt(copy, SOL_SOCKET, SO_COOKIE, cookie, &size) < 0) *cookie = 0;
  close(copy);
  return result;
}

int envprobe_open_root(pid_t thread, uint64_t *identity) {
  char link[32];
  snprintf(link, sizeof link, "/proc/%d/root", thread);
  int root = open(link, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return -errno;
  struct statx status;
  *identity = 0;
  // Before Linux 5.8 mounts have no number here, and every process is taken to have a root of its own.
  if (statx(root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &status) == 0 && status.stx_mask & STATX_MNT_ID)
    *identity = status.stx_mnt_id << 40 ^ status.stx_ino << 1 ^ 1;
  return root;
}

// `/proc/self/fd/N` without stdio, which takes as long as the system call.
static void name_descriptor(char *out, int descriptor) {
  static const char prefix[] = "/proc/self/fd/";
  char digits[12];
  int count = 0;
  do digits[count++] = (char)('0' + descriptor % 10);
  while ((descriptor /= 10) > 0);
  memcpy(out, prefix, sizeof prefix - 1);
  out += sizeof prefix - 1;
  while (count > 0) *out++ = digits[--count];
  *out = 0;
}

static int open_for_name(int root, const char *path, int follows) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW), .resolve = RESOLVE_IN_ROOT};
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

ssize_t envprobe_look_up(int root, const char *path, int follows, char *out, size_t size) {
  // The kernel's own resolution would take an absolute link from this process's root.
  int descriptor = open_for_name(root, path, follows);
  // A link of the kernel's to an open file, a folder or a program: it may not be followed out of the root.
  if (descriptor < 0 && errno == EXDEV && follows) descriptor = open_for_name(root, path, 0);
  if (descriptor < 0) return -errno;
  char link[32];
  name_descriptor(link, descriptor);
  ssize_t length = readlink(link, out, size);
  if (length < 0) length = -errno;
  close(descriptor);
  return length;
}

ssize_t envprobe_read_link(int root, const char *path, char *out, size_t size) {
  int descriptor = open_for_name(root, path, 0);
  if (descriptor < 0) return -errno;
  ssize_t length = readlinkat(descriptor, "", out, size);
  if (length < 0) length = -errno;
  close(descriptor);
  return length;
}

void envprobe_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

int envprobe_event_descriptor(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}
