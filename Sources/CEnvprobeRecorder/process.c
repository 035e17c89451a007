#include "CEnvprobeRecorder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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

int envprobe_exists(pid_t thread, const char *path) {
  char link[32];
  snprintf(link, sizeof link, "/proc/%d/root", thread);
  int root = open(link, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return -errno;
  // The kernel's own resolution would take an absolute link from this process's root.
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
  int descriptor = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
  int error = errno;
  close(root);
  if (descriptor < 0) return error == ENOENT || error == ENOTDIR ? 0 : -error;
  close(descriptor);
  return 1;
}

void envprobe_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

int envprobe_event_descriptor(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}
