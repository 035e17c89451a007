#include "CEnvironmentReadsTestSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

struct test_gate {
  _Atomic int released, ready, listener, status;
  pid_t keeper;
};

static int install(const void *filter, int size, unsigned flags) {
  struct sock_fprog program = {(unsigned short)(size / 8), (struct sock_filter *)filter};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int notify(const struct test_launch *launch) {
  if (launch->listener_filter_size)
    return install(
      launch->listener_filter, launch->listener_filter_size,
      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
  };
  return install(
    filter, sizeof filter, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

static void put(const char *path, const char *text, int length) {
  int file = open(path, O_WRONLY);
  if (write(file, text, (size_t)length) != length) _exit(124);
  close(file);
}

static _Noreturn void run(const struct test_launch *launch, struct test_gate *gate) {
  // What the test process blocks and handles is not the program's business.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // A program may kill its process group.
  setsid();
  dup2(launch->output, 1);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  if (launch->library_filter_size && install(launch->library_filter, launch->library_filter_size, 0)) _exit(126);
  if (launch->notifies) {
    int listener = notify(launch);
    if (listener < 0) _exit(125);
    atomic_store(&gate->listener, listener);
  }
  atomic_store(&gate->ready, 1);
  // With a supervisor the program waits in execve, for an answer; without, here.
  while (!launch->notifies && !atomic_load(&gate->released)) continue;
  syscall(SYS_execve, launch->arguments[0], launch->arguments, launch->environment);
  _exit(127);
}

pid_t test_start(const struct test_launch *launch, struct test_gate **out) {
  struct test_gate *gate = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  atomic_store(&gate->listener, -1);
  int pipes[2];
  if (pipe2(pipes, O_CLOEXEC)) return -errno;
  pid_t keeper = fork();
  if (keeper == 0) {
    // Not the test process: what that waits for must not be a traced program.
    if (launch->uid && (setgid(launch->uid) || setuid(launch->uid))) _exit(1);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (launch->user_namespace) {
      if (unshare(CLONE_NEWUSER | CLONE_NEWPID)) _exit(2);
      put("/proc/self/setgroups", "deny", 4);
      char map[] = "1000 65534 1";
      put("/proc/self/uid_map", map, (int)sizeof map - 1);
    }
    pid_t child = fork();
    if (child == 0) run(launch, gate);
    if (write(pipes[1], &child, sizeof child) != sizeof child) _exit(3);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    atomic_store(&gate->status, status);
    _exit(0);
  }
  gate->keeper = keeper;
  close(pipes[1]);
  pid_t child = -1;
  if (read(pipes[0], &child, sizeof child) != sizeof child) child = -1;
  close(pipes[0]);
  while (child > 0 && !atomic_load(&gate->ready) && atomic_load(&gate->listener) < 0) sched_yield();
  *out = gate;
  return child;
}

int test_listener(pid_t program, const struct test_gate *gate) {
  int handle = (int)syscall(SYS_pidfd_open, program, 0);
  int listener = (int)syscall(SYS_pidfd_getfd, handle, atomic_load(&gate->listener), 0);
  close(handle);
  return listener < 0 ? -errno : listener;
}

void test_release(struct test_gate *gate) { atomic_store(&gate->released, 1); }

int test_finish(struct test_gate *gate) {
  int status;
  while (waitpid(gate->keeper, &status, 0) < 0 && errno == EINTR) continue;
  int result = status ? status : atomic_load(&gate->status);
  munmap(gate, 4096);
  return result;
}

int test_become(uid_t uid) {
  if (syscall(SYS_setresgid, uid, uid, uid) || syscall(SYS_setresuid, uid, uid, uid)) return -errno;
  return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) ? -errno : 0;
}
