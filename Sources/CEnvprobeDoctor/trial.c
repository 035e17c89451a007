/* Trials inside a user namespace. */
#include "trial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* From <sys/mount.h>, which cannot be included beside <linux/mount.h> in this C library. */
extern int mount(const char *, const char *, const char *, unsigned long, const void *);
#ifndef MS_REC
#define MS_REC 16384
#define MS_PRIVATE (1 << 18)
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

pid_t envprobe_trial_clone(uint64_t flags, int *pidfd) {
  struct clone_args arguments = {
    .flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
  long child = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return child < 0 ? -errno : (pid_t)child;
}

void envprobe_trial_end(pid_t child, int pidfd) {
  syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
  close(pidfd);
}

int envprobe_trial_wait(int descriptor) {
  struct pollfd source = {.fd = descriptor, .events = POLLIN};
  int count;
  do count = poll(&source, 1, ENVPROBE_TRIAL_SECONDS * 1000);
  while (count < 0 && errno == EINTR);
  return count > 0 ? 0 : count == 0 ? -ETIMEDOUT : -errno;
}

/* --- in the child ---------------------------------------------------------------------------------------------- */

struct report {
  int channel;
};

/* Tells how the trial ended, and ends. */
static void __attribute__((noreturn)) finish(const struct report *report, const char *step, int number) {
  struct envprobe_outcome outcome = {.number = number};
  if (number) strncpy(outcome.step, step, sizeof outcome.step - 1);
  ssize_t written = write(report->channel, &outcome, sizeof outcome);
  _exit(written == sizeof outcome ? 0 : 1);
}

static void require(const struct report *report, const char *step, int succeeded) {
  if (!succeeded) finish(report, step, errno ? errno : EIO);
}

static void write_file(const struct report *report, const char *step, const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  require(report, step, file >= 0);
  ssize_t length = (ssize_t)strlen(text);
  require(report, step, write(file, text, (size_t)length) == length);
  close(file);
}

static void become_root(const struct report *report, uid_t user, gid_t group) {
  char map[32];
  write_file(report, "write setgroups", "/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1\n", group);
  write_file(report, "write gid_map", "/proc/self/gid_map", map);
  snprintf(map, sizeof map, "0 %u 1\n", user);
  write_file(report, "write uid_map", "/proc/self/uid_map", map);
}

static void make_private(const struct report *report) {
  require(report, "make mounts private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

static void try_mounts(const struct report *report, const char *const *paths) {
  make_private(report);
  require(report, "mount tmpfs", mount("tmpfs", paths[0], "tmpfs", 0, "size=64k") == 0);
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, paths[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  require(report, "open_tree", tree >= 0);
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  require(
    report, "mount_setattr",
    syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) == 0);
  require(
    report, "move_mount", syscall(SYS_move_mount, tree, "", AT_FDCWD, paths[0], MOVE_MOUNT_F_EMPTY_PATH) == 0);
  int folder = open(paths[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  require(report, "open what was mounted", folder >= 0);
  /* Something that is only said to be read-only is worth nothing. */
  int file = openat(folder, "probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0) errno = EIO;
  require(report, "find it read-only", file < 0 && errno == EROFS);
}

static void try_overlay(const struct report *report, const char *const *paths) {
  char options[4096 * 3];
  make_private(report);
  int length = snprintf(
    options, sizeof options, "userxattr,lowerdir=%s,upperdir=%s,workdir=%s", paths[0], paths[1], paths[2]);
  errno = ENAMETOOLONG;
  require(report, "mount overlay", length < (int)sizeof options);
  require(report, "mount overlay", mount("overlay", paths[3], "overlay", 0, options) == 0);
  int folder = open(paths[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  require(report, "open the overlay", folder >= 0);
  int file = openat(folder, "kept", O_WRONLY | O_APPEND | O_CLOEXEC);
  require(report, "change a file in the overlay", file >= 0 && write(file, "x", 1) == 1);
  require(report, "remove a file in the overlay", unlinkat(folder, "removed", 0) == 0);
}

static void try_terminal(const struct report *report, const char *const *paths) {
  make_private(report);
  require(report, "mount devpts", mount("devpts", paths[0], "devpts", 0, "newinstance,ptmxmode=0666,mode=620") == 0);
  int folder = open(paths[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  require(report, "open what was mounted", folder >= 0);
  int terminal = openat(folder, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  require(report, "open a terminal", terminal >= 0);
}

static void try_network(const struct report *report) {
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  require(report, "make a socket", control >= 0);
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  require(report, "bring the loopback interface up", ioctl(control, SIOCSIFFLAGS, &request) == 0);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons(443), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  require(
    report, "listen on port 443",
    listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0);
}

static void try_clocks(const struct report *report) {
  struct timespec before, inside;
  require(report, "unshare the clocks", syscall(SYS_unshare, CLONE_NEWTIME) == 0);
  write_file(report, "write timens_offsets", "/proc/self/timens_offsets", "monotonic 3600 0\nboottime 3600 0\n");
  clock_gettime(CLOCK_BOOTTIME, &before);
  pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
  require(report, "clone a child", child >= 0);
  if (child == 0) {
    /* By the call itself: the vDSO may not know yet. */
    syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &inside);
    _exit(inside.tv_sec - before.tv_sec >= 3600 ? 0 : 1);
  }
  int status = 1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  errno = EIO;
  require(report, "see other clocks", status == 0);
}

static uint64_t namespaces(enum envprobe_trial trial, uint64_t flags) {
  switch (trial) {
    case ENVPROBE_TRY_USER:
    case ENVPROBE_TRY_CLOCKS: return CLONE_NEWUSER;
    case ENVPROBE_TRY_KIND: return CLONE_NEWUSER | flags;
    case ENVPROBE_TRY_MOUNTS:
    case ENVPROBE_TRY_TERMINAL:
    case ENVPROBE_TRY_OVERLAY: return CLONE_NEWUSER | CLONE_NEWNS;
    case ENVPROBE_TRY_PROC: return CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID;
    case ENVPROBE_TRY_NETWORK: return CLONE_NEWUSER | CLONE_NEWNET;
  }
  return CLONE_NEWUSER;
}

static void __attribute__((noreturn))
run(const struct report *report, enum envprobe_trial trial, const char *const *paths, uid_t user, gid_t group) {
  become_root(report, user, group);
  switch (trial) {
    case ENVPROBE_TRY_USER:
    case ENVPROBE_TRY_KIND: break;
    case ENVPROBE_TRY_MOUNTS: try_mounts(report, paths); break;
    case ENVPROBE_TRY_PROC:
      make_private(report);
      require(report, "mount proc", mount("proc", "/proc", "proc", 0, NULL) == 0);
      break;
    case ENVPROBE_TRY_TERMINAL: try_terminal(report, paths); break;
    case ENVPROBE_TRY_OVERLAY: try_overlay(report, paths); break;
    case ENVPROBE_TRY_NETWORK: try_network(report); break;
    case ENVPROBE_TRY_CLOCKS: try_clocks(report); break;
  }
  finish(report, "", 0);
}

/* --- in the parent --------------------------------------------------------------------------------------------- */

int envprobe_try(
  enum envprobe_trial trial, uint64_t flags, const char *const *paths, struct envprobe_outcome *outcome) {
  *outcome = (struct envprobe_outcome){0};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) return -errno;
  /* Inside a new user namespace these are nobody's until its maps are written. */
  uid_t user = geteuid();
  gid_t group = getegid();
  int pidfd = -1;
  pid_t child = envprobe_trial_clone(namespaces(trial, flags), &pidfd);
  if (child == 0) run(&(struct report){ends[1]}, trial, paths, user, group);
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    outcome->number = -child;
    strcpy(outcome->step, "clone");
    return child;
  }
  int result = envprobe_trial_wait(ends[0]);
  if (result == 0 && read(ends[0], outcome, sizeof *outcome) != sizeof *outcome) result = -ECHILD;
  envprobe_trial_end(child, pidfd);
  close(ends[0]);
  if (result < 0) {
    outcome->number = -result;
    strcpy(outcome->step, result == -ETIMEDOUT ? "end in time" : "report");
  }
  return -outcome->number;
}
