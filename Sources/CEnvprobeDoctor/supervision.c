/* Trials of supervising another process: by notification of its system calls, and as a tracer. */
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#endif

/* What parent and child share: a page that survives the clone. */
struct shared {
  _Atomic int32_t killable;
  _Atomic int32_t install;
  _Atomic int32_t listener;
  char path[32];
};

/* One call is notified, which the child makes once. */
static int install_filter(unsigned long flags) {
  struct sock_filter instructions[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_readlinkat, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof instructions / sizeof *instructions, instructions};
  long listener =
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, &program);
  return listener < 0 ? -errno : (int)listener;
}

static void __attribute__((noreturn)) be_supervised(struct shared *shared, int ready) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  int listener = install_filter(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  shared->killable = listener < 0 ? listener : 0;
  if (listener < 0) listener = install_filter(0);
  shared->install = listener < 0 ? listener : 0;
  shared->listener = listener;
  char token = 1;
  if (write(ready, &token, 1) != 1 || listener < 0) _exit(3);
  char buffer[64];
  long length = syscall(SYS_readlinkat, AT_FDCWD, shared->path, buffer, sizeof buffer);
  _exit(length > 0 ? 0 : 1);
}

static int receive(int listener, struct seccomp_notif *call) {
  int ready = envprobe_trial_wait(listener);
  if (ready < 0) return ready;
  memset(call, 0, sizeof *call);
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, call) ? -errno : 0;
}

static void supervise(pid_t child, int listener, struct shared *shared, struct envprobe_supervision *result) {
  result->same_cpu =
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) ? -errno : 0;
  /* Larger than this header's idea of it, as a newer kernel's may be. */
  union {
    struct seccomp_notif call;
    char room[256];
  } notification;
  result->receive = receive(listener, &notification.call);
  if (result->receive < 0) return;
  char copy[sizeof shared->path] = {0};
  struct iovec ours = {copy, sizeof copy};
  struct iovec theirs = {(void *)(uintptr_t)notification.call.data.args[1], sizeof copy};
  ssize_t length = process_vm_readv(child, &ours, 1, &theirs, 1, 0);
  result->memory = length < 0 ? -errno : strcmp(copy, shared->path) == 0 ? 0 : -EIO;
  struct seccomp_notif_resp answer = {.id = notification.call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  result->proceed = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) ? -errno : 0;
}

int envprobe_try_supervision(struct envprobe_supervision *result) {
  memset(result, 0, sizeof *result);
  struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return -errno;
  strcpy(shared->path, "/proc/self/exe");
  int ready[2];
  if (pipe2(ready, O_CLOEXEC)) {
    int number = errno;
    munmap(shared, sizeof *shared);
    return -number;
  }
  int pidfd = -1;
  pid_t child = envprobe_trial_clone(0, &pidfd);
  if (child == 0) be_supervised(shared, ready[1]);
  close(ready[1]);
  int started = child < 0 ? child : envprobe_trial_wait(ready[0]);
  if (started == 0) {
    result->install = shared->install;
    result->killable = shared->killable;
    if (result->install == 0) {
      int listener = (int)syscall(SYS_pidfd_getfd, pidfd, (int)shared->listener, 0);
      result->duplicate = listener < 0 ? -errno : 0;
      if (listener >= 0) {
        supervise(child, listener, shared, result);
        siginfo_t ended = {0};
        if (result->receive == 0 && result->proceed == 0 && envprobe_trial_wait(pidfd) == 0)
          waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT | WNOHANG);
        if (ended.si_code == CLD_EXITED && ended.si_status != 0) result->proceed = -EIO;
        close(listener);
      }
    }
  }
  if (child > 0) envprobe_trial_end(child, pidfd);
  close(ready[0]);
  munmap(shared, sizeof *shared);
  return started;
}

int envprobe_try_tracing(struct envprobe_outcome *outcome) {
  static const long token = 0x70726f6265;
  *outcome = (struct envprobe_outcome){0};
  int pidfd = -1;
  pid_t child = envprobe_trial_clone(0, &pidfd);
  if (child < 0) return child;
  if (child == 0)
    for (;;) pause();
  const char *step = "attach";
  long failed = ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEEXEC);
  if (!failed) {
    step = "stop it";
    failed = ptrace(PTRACE_INTERRUPT, child, 0, 0) || waitpid(child, NULL, __WALL) != child;
  }
  if (!failed) {
    step = "read its memory";
    errno = 0;
    long word = ptrace(PTRACE_PEEKDATA, child, &token, 0);
    if (word != token && errno == 0) errno = EIO;
    failed = word != token;
  }
  if (failed) {
    outcome->number = errno;
    strcpy(outcome->step, step);
  }
  envprobe_trial_end(child, pidfd);
  return -outcome->number;
}
