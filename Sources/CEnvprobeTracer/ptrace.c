#include "CEnvprobeTracer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
_Static_assert(sizeof(struct envprobe_registers) == sizeof(struct user_regs_struct), "the kernel's registers");
_Static_assert(
  offsetof(struct envprobe_registers, rip) == offsetof(struct user_regs_struct, rip), "the kernel's registers");
int envprobe_tracer_is_supported(void) { return 1; }
#else
int envprobe_tracer_is_supported(void) { return 0; }
#endif

// Sent by the kernel itself, as for a breakpoint.
enum { FROM_KERNEL = 0x80 };

static int request(int what, pid_t thread, uintptr_t address, uintptr_t data) {
  return syscall(SYS_ptrace, what, thread, address, data) < 0 ? -errno : 0;
}

int envprobe_tracer_seize(pid_t thread) {
  return request(
    PTRACE_SEIZE, thread, 0,
    PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE
      | PTRACE_O_TRACECLONE | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
}

static uint64_t message(pid_t thread) {
  unsigned long value = 0;
  return request(PTRACE_GETEVENTMSG, thread, 0, (uintptr_t)&value) < 0 ? 0 : value;
}

int envprobe_tracer_wait(pid_t thread, struct envprobe_stop *stop) {
  int status;
  pid_t stopped;
  // Not another thread's children: envprobe has processes of its own, and may follow several programs.
  do stopped = waitpid(thread, &status, __WALL | __WNOTHREAD);
  while (stopped < 0 && errno == EINTR);
  if (stopped < 0) return -errno;
  stop->thread = stopped;
  stop->detail = 0;
  if (!WIFSTOPPED(status)) {
    stop->kind = ENVPROBE_STOP_EXITED;
    stop->detail = (uint32_t)status;
    return 0;
  }
  int number = WSTOPSIG(status), event = status >> 16;
  switch (event) {
    case 0:
      stop->kind = number == (SIGTRAP | 0x80) ? ENVPROBE_STOP_SYSCALL : ENVPROBE_STOP_SIGNAL;
      stop->detail = (uint32_t)number;
      return 0;
    case PTRACE_EVENT_STOP:
      stop->kind = number == SIGTRAP ? ENVPROBE_STOP_START : ENVPROBE_STOP_GROUP;
      stop->detail = (uint32_t)number;
      return 0;
    case PTRACE_EVENT_FORK: stop->kind = ENVPROBE_STOP_FORK; break;
    case PTRACE_EVENT_VFORK: stop->kind = ENVPROBE_STOP_VFORK; break;
    case PTRACE_EVENT_CLONE: stop->kind = ENVPROBE_STOP_CLONE; break;
    case PTRACE_EVENT_VFORK_DONE: stop->kind = ENVPROBE_STOP_VFORK_DONE; break;
    case PTRACE_EVENT_EXEC: stop->kind = ENVPROBE_STOP_EXEC; break;
    case PTRACE_EVENT_SECCOMP: stop->kind = ENVPROBE_STOP_SECCOMP; break;
    default: stop->kind = ENVPROBE_STOP_START; return 0;
  }
  stop->detail = message(stopped);
  return 0;
}

int envprobe_tracer_resume(pid_t thread, int signal) { return request(PTRACE_CONT, thread, 0, (uintptr_t)signal); }
int envprobe_tracer_resume_to_syscall(pid_t thread) { return request(PTRACE_SYSCALL, thread, 0, 0); }
int envprobe_tracer_listen(pid_t thread) { return request(PTRACE_LISTEN, thread, 0, 0); }

int envprobe_tracer_get_registers(pid_t thread, struct envprobe_registers *out) {
  struct iovec range = {out, sizeof *out};
  return request(PTRACE_GETREGSET, thread, 1 /* NT_PRSTATUS */, (uintptr_t)&range);
}

int envprobe_tracer_set_registers(pid_t thread, const struct envprobe_registers *registers) {
  struct iovec range = {(void *)registers, sizeof *registers};
  return request(PTRACE_SETREGSET, thread, 1, (uintptr_t)&range);
}

int envprobe_tracer_poke(pid_t thread, uint64_t address, uint64_t value) {
  return request(PTRACE_POKEDATA, thread, (uintptr_t)address, (uintptr_t)value);
}

int envprobe_tracer_write(pid_t thread, int memory, uint64_t address, const void *bytes, size_t count) {
  if (memory >= 0 && pwrite(memory, bytes, count, (off_t)address) == (ssize_t)count) return 0;
  const uint8_t *source = bytes;
  while (count > 0) {
    uint64_t word;
    size_t length = count < sizeof word ? count : sizeof word;
    if (length < sizeof word && request(PTRACE_PEEKDATA, thread, (uintptr_t)address, (uintptr_t)&word) < 0)
      return -errno;
    memcpy(&word, source, length);
    int result = envprobe_tracer_poke(thread, address, word);
    if (result < 0) return result;
    source += length;
    address += length;
    count -= length;
  }
  return 0;
}

int envprobe_tracer_is_fault(pid_t thread) {
  siginfo_t information;
  int result = request(PTRACE_GETSIGINFO, thread, 0, (uintptr_t)&information);
  if (result < 0) return result;
  return information.si_code == FROM_KERNEL || (information.si_code > 0 && information.si_code < SI_USER + 0x10);
}

int envprobe_tracer_is_process(pid_t id) {
  int descriptor = (int)syscall(SYS_pidfd_open, id, 0);
  if (descriptor < 0) return errno == EINVAL || errno == ENOENT ? 0 : -errno;
  close(descriptor);
  return 1;
}

int envprobe_tracer_shares_memory(pid_t one, pid_t other) {
  long order = syscall(SYS_kcmp, one, other, 1 /* KCMP_VM */, 0, 0);
  return order < 0 ? -errno : order == 0;
}

int envprobe_tracer_open_beneath(int root, const char *path) {
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .resolve = RESOLVE_IN_ROOT};
  int file = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
  return file < 0 ? -errno : file;
}
