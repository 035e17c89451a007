/* The clone, on the parent's side and on the child's up to its first operation. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t clone_with(uint64_t flags, int *pidfd) {
  struct clone_args arguments = {
    .flags = flags | (pidfd ? CLONE_PIDFD : 0), .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
  long child = syscall(SYS_clone3, &arguments, sizeof arguments);
  return child < 0 ? -errno : (pid_t)child;
}

static const uint64_t namespaces =
  CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;

/* The parent may hold sockets of other sandboxes, which must not outlive it here, and files that are nobody's
 * business inside. */
static void close_others(const int *kept, size_t count) {
  unsigned first = 0;
  for (size_t i = 0; i < count; i++) {
    if ((unsigned)kept[i] > first) syscall(SYS_close_range, first, (unsigned)kept[i] - 1, 0);
    first = (unsigned)kept[i] + 1;
  }
  syscall(SYS_close_range, first, UINT_MAX, 0);
  /* Nothing that is opened from here on may land in the place of a standard stream. */
  int filler;
  do filler = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (filler >= 0 && filler <= 2);
  if (filler > 2) close(filler);
}

pid_t envprobe_clone(const struct envprobe_launch *launch, int *pidfd) {
  struct shared_page *shared =
    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return -errno;
  /* No handler of the parent may run in the child. */
  uint64_t all = ~0ULL, before;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
  pid_t child = clone_with(namespaces, pidfd);
  if (child == 0) {
    close_others(launch->kept, launch->kept_count);
    struct interpreter interpreter = {.launch = launch, .shared = shared, .terminal_master = -1, .terminal = -1};
    if (envprobe_run(&interpreter, ENVPROBE_SETUP) < 0) _exit(125);
    envprobe_serve(&interpreter);
  }
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
  munmap(shared, sizeof *shared);
  return child;
}

static int write_map(pid_t process, const char *name, const char *text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", process, name);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  ssize_t written = write(file, text, strlen(text));
  int result = written < 0 ? -errno : 0;
  close(file);
  return result;
}

int envprobe_user_namespace(const char *uid_map, const char *gid_map) {
  int pidfd = -1;
  pid_t holder = clone_with(CLONE_NEWUSER | CLONE_CLEAR_SIGHAND, &pidfd);
  if (holder < 0) return holder;
  if (holder == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (;;) pause();
  }
  int result = write_map(holder, "uid_map", uid_map);
  if (result == 0) result = write_map(holder, "gid_map", gid_map);
  if (result == 0) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", holder);
    result = open(path, O_RDONLY | O_CLOEXEC);
    if (result < 0) result = -errno;
  }
  envprobe_signal(pidfd, SIGKILL);
  envprobe_reap(holder, 1);
  close(pidfd);
  return result;
}

int envprobe_signal(int pidfd, int number) {
  return syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0) ? -errno : 0;
}

int envprobe_reap(pid_t pid, int waits) {
  int status;
  pid_t ended;
  do ended = waitpid(pid, &status, waits ? 0 : WNOHANG);
  while (ended < 0 && errno == EINTR);
  if (ended == 0) return -EAGAIN;
  return ended < 0 ? -errno : status;
}

int envprobe_is_overlay(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 && status.f_type == OVERLAYFS_SUPER_MAGIC;
}

int envprobe_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) ? -errno : 0; }

int envprobe_memory_file(const char *name) {
  int file = memfd_create(name, MFD_CLOEXEC);
  return file < 0 ? -errno : file;
}

int envprobe_contains(const void *bytes, size_t length, const void *sought, size_t sought_length) {
  return memmem(bytes, length, sought, sought_length) != NULL;
}

const char *envprobe_libc_version(void) { return gnu_get_libc_version(); }

int64_t envprobe_boot_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec;
}

int64_t envprobe_monotonic_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

int envprobe_window_size(int descriptor, uint16_t *columns, uint16_t *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size)) return -errno;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}

int envprobe_set_window_size(int descriptor, uint16_t columns, uint16_t rows) {
  struct winsize size = {.ws_col = columns, .ws_row = rows};
  return ioctl(descriptor, TIOCSWINSZ, &size) ? -errno : 0;
}
