#include "CRecorderTestSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static int install(const int32_t *hot, size_t count, int wait_killable) {
  static struct sock_filter code[512];
  size_t n = 0;
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < count; i++) {
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)hot[i], 0, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  struct sock_fprog program = {(unsigned short)n, code};
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
  if (wait_killable) flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

struct message {
  int number;  // of the listener, or -errno
  pid_t pid;
  const char *step;  // the same address in parent and child
};

static void tell(int fd, int number, pid_t pid, const char *step) {
  struct message message = {number, pid, step};
  ssize_t written = write(fd, &message, sizeof message);
  (void)written;
}

static int put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  int failed = write(fd, text, strlen(text)) < 0;
  close(fd);
  return failed ? -1 : 0;
}

static int own_namespaces(unsigned long more, int as_root) {
  char map[64];
  if (as_root) return unshare(CLONE_NEWNS) < 0 ? -1 : mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  uid_t uid = getuid();
  gid_t gid = getgid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | more) < 0) return -1;
  put("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", uid);
  if (put("/proc/self/uid_map", map) < 0) return -1;
  snprintf(map, sizeof map, "0 %u 1", gid);
  if (put("/proc/self/gid_map", map) < 0) return -1;
  return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

// Another root with the host's folders in it, some under a second bind mount.
static int change_root(int use_chroot) {
  const char *root = "/tmp/.recorder-test-root";
  mkdir(root, 0755);
  if (mount("tmpfs", root, "tmpfs", 0, NULL) < 0) return -1;
  static const char *const folders[] = {"usr", "lib", "lib64", "bin", "etc", "tmp"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    char from[64], to[128];
    snprintf(from, sizeof from, "/%s", folders[i]);
    snprintf(to, sizeof to, "%s/%s", root, folders[i]);
    mkdir(to, 0755);
    if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0) return -1;
  }
  char proc[128], sub[128];
  snprintf(proc, sizeof proc, "%s/proc", root);
  mkdir(proc, 0755);
  if (mount("proc", proc, "proc", 0, NULL) < 0) return -1;
  snprintf(sub, sizeof sub, "%s/work", root);
  mkdir(sub, 0755);
  if (mount("/usr/share", sub, NULL, MS_BIND, NULL) < 0) return -1;
  if (use_chroot) return chroot(root) < 0 || chdir("/") < 0 ? -1 : 0;
  if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0) return -1;
  return umount2(".", MNT_DETACH) < 0 || chdir("/") < 0 ? -1 : 0;
}

int recorder_start(char *const argv[], char *const envp[], const int32_t *hot, size_t hot_count,
                   enum recorder_isolation isolation, int wait_killable, int output, struct recorder_launch *result,
                   const char **step) {
  int up[2], go[2];
  if (pipe2(up, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0) return -errno;
  pid_t pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    pid_t inner = 0;
    if (isolation != RECORDER_NONE) {
      if (own_namespaces(CLONE_NEWPID, 0) < 0) { tell(up[1], -errno, 0, "unshare"); _exit(125); }
      inner = fork();
      if (inner > 0) {
        tell(up[1], 0, inner, NULL);
        close(up[1]);
        int status;
        while (waitpid(inner, &status, 0) < 0 && errno == EINTR) {}
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
      }
      if (change_root(isolation == RECORDER_CHROOT) < 0) { tell(up[1], -errno, 0, "change the root"); _exit(125); }
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output, 1);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int listener = install(hot, hot_count, wait_killable);
    if (listener < 0) { tell(up[1], -errno, 0, "install the filter"); _exit(125); }
    tell(up[1], listener, 0, NULL);
    char byte;
    if (read(go[0], &byte, 1) != 1) _exit(125);
    close(listener);
    execve(argv[0], argv, envp);
    _exit(127);
  }
  close(up[1]);
  close(go[0]);
  struct message message;
  pid_t owner = pid;
  int error = 0;
  result->listener = -1;
  while (result->listener < 0 && !error) {
    if (read(up[0], &message, sizeof message) != sizeof message) { error = -EPIPE; *step = "start"; break; }
    if (message.step) { error = message.number; *step = message.step; break; }
    if (message.pid) { owner = message.pid; continue; }
    // The listener's number may have come before the owner's id.
    int number = message.number;
    if (isolation != RECORDER_NONE && owner == pid) {
      if (read(up[0], &message, sizeof message) != sizeof message) { error = -EPIPE; *step = "start"; break; }
      owner = message.pid;
    }
    int pidfd = (int)syscall(SYS_pidfd_open, owner, 0);
    result->listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
    if (result->listener < 0) { error = -errno; *step = "take the listener"; }
    close(pidfd);
  }
  if (!error && write(go[1], "g", 1) != 1) error = -errno;
  close(up[0]);
  close(go[1]);
  result->pid = pid;
  if (error) recorder_wait(pid);
  return error;
}

int recorder_wait(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return status;
}

int recorder_mount_small(const char *folder, const char *options) {
  return mount("tmpfs", folder, "tmpfs", 0, options) < 0 ? -errno : 0;
}

int recorder_unmount(const char *folder) { return umount2(folder, MNT_DETACH) < 0 ? -errno : 0; }

int recorder_run_on_overlay(const char *target, const char *options, const char *script, int as_root) {
  pid_t pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) {
    if (own_namespaces(0, as_root) < 0) _exit(125);
    if (mount("overlay", target, "overlay", 0, options) < 0) _exit(124);
    if (chdir(target) < 0) _exit(123);
    execl("/bin/sh", "sh", "-ec", script, (char *)NULL);
    _exit(127);
  }
  return recorder_wait(pid);
}
