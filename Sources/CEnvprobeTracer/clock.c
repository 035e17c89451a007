#include "CEnvprobeTracer.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#if defined(__x86_64__)
extern const uint8_t envprobe_clock_code[], envprobe_clock_code_end[];
extern const uint8_t envprobe_clock_gettime[], envprobe_clock_gettimeofday[], envprobe_clock_time[];
extern const uint8_t envprobe_clock_pass_gettime[], envprobe_clock_call_gettime[], envprobe_clock_call_time[];
extern const uint8_t envprobe_clock_pass_timeofday[], envprobe_clock_call_timeofday[];

// Fills in a relative operand in the copy at `code`: what it leads to is `target` bytes from there.
static void lead(uint8_t *code, const uint8_t *operand, int64_t target) {
  ptrdiff_t at = operand - envprobe_clock_code;
  int32_t distance = (int32_t)(target - (at + 4));
  memcpy(code + at, &distance, sizeof distance);
}

int envprobe_clock_build(
  uint8_t *code, size_t room, int64_t seconds, int64_t nanoseconds, int64_t gettime, int64_t timeofday,
  struct envprobe_clock_entries *entries) {
  size_t length = (size_t)(envprobe_clock_code_end - envprobe_clock_code);
  if (room < length) return -ENOSPC;
  memcpy(code, envprobe_clock_code, length);
  int64_t offset[3] = {seconds, nanoseconds, nanoseconds / 1000};
  memcpy(code, offset, sizeof offset);
  lead(code, envprobe_clock_pass_gettime, gettime);
  lead(code, envprobe_clock_call_gettime, gettime);
  lead(code, envprobe_clock_call_time, gettime);
  lead(code, envprobe_clock_pass_timeofday, timeofday);
  lead(code, envprobe_clock_call_timeofday, timeofday);
  entries->gettime = (uint32_t)(envprobe_clock_gettime - envprobe_clock_code);
  entries->timeofday = (uint32_t)(envprobe_clock_gettimeofday - envprobe_clock_code);
  entries->time = (uint32_t)(envprobe_clock_time - envprobe_clock_code);
  return (int)length;
}

int envprobe_tracer_stack_pointer(pid_t thread, uint64_t *out) {
  long result = syscall(SYS_ptrace, PTRACE_PEEKUSER, thread, offsetof(struct user, regs.rsp), out);
  return result < 0 ? -errno : 0;
}

// Not by a register set: that has the layout of the program's word size.
int envprobe_tracer_get_wide_registers(pid_t thread, struct envprobe_registers *out) {
  return syscall(SYS_ptrace, PTRACE_GETREGS, thread, 0, out) < 0 ? -errno : 0;
}
int envprobe_tracer_set_wide_registers(pid_t thread, const struct envprobe_registers *registers) {
  return syscall(SYS_ptrace, PTRACE_SETREGS, thread, 0, registers) < 0 ? -errno : 0;
}
#else
int envprobe_clock_build(
  uint8_t *code, size_t room, int64_t seconds, int64_t nanoseconds, int64_t gettime, int64_t timeofday,
  struct envprobe_clock_entries *entries) {
  (void)code, (void)room, (void)seconds, (void)nanoseconds, (void)gettime, (void)timeofday, (void)entries;
  return -ENOSYS;
}
int envprobe_tracer_stack_pointer(pid_t thread, uint64_t *out) { return (void)thread, (void)out, -ENOSYS; }
int envprobe_tracer_get_wide_registers(pid_t thread, struct envprobe_registers *out) {
  return (void)thread, (void)out, -ENOSYS;
}
int envprobe_tracer_set_wide_registers(pid_t thread, const struct envprobe_registers *registers) {
  return (void)thread, (void)registers, -ENOSYS;
}
#endif

// The filter is a list of blocks, one for each call; a block that does not apply jumps to the one after it. In front of
// it is a program that jumps over it for other architectures.
struct writer {
  struct sock_filter *out;
  size_t count, room, failed;
};

static void put(struct writer *w, struct sock_filter instruction) {
  if (w->count < w->room) w->out[w->count] = instruction;
  else w->failed = 1;
  w->count++;
}

static void load(struct writer *w, size_t offset) {
  put(w, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}
static void jump(struct writer *w, unsigned test, uint32_t value, unsigned yes, unsigned no) {
  put(w, (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, value, (uint8_t)yes, (uint8_t)no));
}
static void answer(struct writer *w, uint32_t action) {
  put(w, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}
static size_t low(int argument) { return offsetof(struct seccomp_data, args) + (size_t)argument * 8; }
static size_t high(int argument) { return low(argument) + 4; }

// Ends a block whose first instructions begin at `start`: jumps marked with `OUT` lead behind it. The number of the call
// is what the next block wants to test.
enum { OUT = 255 };
static void finish(struct writer *w, size_t start) {
  if (w->failed) return;
  for (size_t at = start; at < w->count; at++) {
    struct sock_filter *i = &w->out[at];
    if (BPF_CLASS(i->code) != BPF_JMP) continue;
    if (i->jt == OUT) i->jt = (uint8_t)(w->count - at - 1);
    if (i->jf == OUT) i->jf = (uint8_t)(w->count - at - 1);
  }
  load(w, offsetof(struct seccomp_data, nr));
}

static void always(struct writer *w, int number, uint32_t action) {
  jump(w, BPF_JEQ, (uint32_t)number, 0, 1);
  answer(w, action);
}

// For the clocks CLOCK_REALTIME, _COARSE, _ALARM and CLOCK_TAI in `argument`.
static void realtime(struct writer *w, int number, int argument, uint32_t action) {
  size_t start = w->count;
  jump(w, BPF_JEQ, (uint32_t)number, 0, OUT);
  load(w, low(argument));
  jump(w, BPF_JEQ, 0, 3, 0);
  jump(w, BPF_JEQ, 5, 2, 0);
  jump(w, BPF_JEQ, 8, 1, 0);
  jump(w, BPF_JEQ, 11, 0, OUT);
  answer(w, action);
  finish(w, start);
}

// clock_nanosleep of such a clock, until a point in time: without TIMER_ABSTIME it sleeps for a while, as nanosleep(3)
// lets it, and no clock matters to that.
static void sleeping(struct writer *w, int number, uint32_t action) {
  size_t start = w->count;
  jump(w, BPF_JEQ, (uint32_t)number, 0, OUT);
  load(w, low(1));
  jump(w, BPF_JSET, 1 /* TIMER_ABSTIME */, 0, OUT);
  load(w, low(0));
  jump(w, BPF_JEQ, 0, 3, 0);
  jump(w, BPF_JEQ, 5, 2, 0);
  jump(w, BPF_JEQ, 8, 1, 0);
  jump(w, BPF_JEQ, 11, 0, OUT);
  answer(w, action);
  finish(w, start);
}

// Where `argument` has a bit of `mask`.
static void flagged(struct writer *w, int number, int argument, uint32_t mask, uint32_t action) {
  size_t start = w->count;
  jump(w, BPF_JEQ, (uint32_t)number, 0, OUT);
  load(w, low(argument));
  jump(w, BPF_JSET, mask, 0, OUT);
  answer(w, action);
  finish(w, start);
}

// Where `argument` is not NULL.
static void present(struct writer *w, int number, int argument, uint32_t action) {
  size_t start = w->count;
  jump(w, BPF_JEQ, (uint32_t)number, 0, OUT);
  load(w, low(argument));
  jump(w, BPF_JEQ, 0, 0, 2);
  load(w, high(argument));
  jump(w, BPF_JEQ, 0, OUT, 0);
  answer(w, action);
  finish(w, start);
}

// futex with a deadline (argument 3) that is absolute: FUTEX_CLOCK_REALTIME, but for FUTEX_WAIT, which waits for a while
// on any clock; or FUTEX_LOCK_PI, whose deadline always is.
static void futex(struct writer *w, int number, uint32_t action) {
  enum { REALTIME = 256, COMMAND = 127, WAIT = 0, LOCK_PI = 6 };
  size_t start = w->count;
  jump(w, BPF_JEQ, (uint32_t)number, 0, OUT);
  load(w, low(1));
  jump(w, BPF_JSET, REALTIME, 0, 2);
  put(w, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, COMMAND));
  jump(w, BPF_JEQ, WAIT, OUT, 2);
  put(w, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, COMMAND));
  jump(w, BPF_JEQ, LOCK_PI, 0, OUT);
  load(w, low(3));
  jump(w, BPF_JEQ, 0, 0, 2);
  load(w, high(3));
  jump(w, BPF_JEQ, 0, OUT, 0);
  answer(w, action);
  finish(w, start);
}

int envprobe_clock_filter(void *out, size_t room) {
  const uint32_t ask = SECCOMP_RET_USER_NOTIF, trace = SECCOMP_RET_TRACE | ENVPROBE_CLOCK_TRAP;
  struct writer w = {.out = out, .room = room / sizeof(struct sock_filter)};
  load(&w, offsetof(struct seccomp_data, arch));
  size_t other = w.count;
  jump(&w, BPF_JEQ, AUDIT_ARCH_X86_64, 0, 0);
  load(&w, offsetof(struct seccomp_data, nr));
  realtime(&w, 228, 0, ask);  // clock_gettime
  always(&w, 96, ask);        // gettimeofday
  always(&w, 201, ask);       // time
  always(&w, 4, ask);         // stat
  always(&w, 5, ask);         // fstat
  always(&w, 6, ask);         // lstat
  always(&w, 262, ask);       // newfstatat
  always(&w, 332, ask);       // statx
  futex(&w, 202, trace);
  sleeping(&w, 230, trace);       // clock_nanosleep
  flagged(&w, 286, 1, 1, trace);  // timerfd_settime
  flagged(&w, 223, 1, 1, trace);  // timer_settime
  present(&w, 242, 4, trace);     // mq_timedsend
  present(&w, 243, 4, trace);     // mq_timedreceive
  present(&w, 449, 3, trace);     // futex_waitv
  present(&w, 455, 4, trace);     // futex_wait
  size_t past = w.count;
  put(&w, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
  size_t compatible = w.count;
  jump(&w, BPF_JEQ, AUDIT_ARCH_I386, 0, 0);
  load(&w, offsetof(struct seccomp_data, nr));
  realtime(&w, 265, 0, ask);  // clock_gettime
  realtime(&w, 403, 0, ask);  // clock_gettime64
  always(&w, 78, ask);        // gettimeofday
  always(&w, 13, ask);        // time
  futex(&w, 240, trace);
  futex(&w, 422, trace);          // futex_time64
  sleeping(&w, 267, trace);       // clock_nanosleep
  sleeping(&w, 407, trace);       // clock_nanosleep_time64
  flagged(&w, 325, 1, 1, trace);  // timerfd_settime
  flagged(&w, 411, 1, 1, trace);  // timerfd_settime64
  flagged(&w, 260, 1, 1, trace);  // timer_settime
  flagged(&w, 409, 1, 1, trace);  // timer_settime64
  present(&w, 279, 4, trace);     // mq_timedsend
  present(&w, 280, 4, trace);     // mq_timedreceive
  present(&w, 418, 4, trace);     // mq_timedsend_time64
  present(&w, 419, 4, trace);     // mq_timedreceive_time64
  present(&w, 449, 3, trace);     // futex_waitv
  present(&w, 455, 4, trace);     // futex_wait
  if (w.failed) return -ENOBUFS;
  // A relative jump of a test reaches 255 instructions.
  if (compatible - other - 1 > 255 || w.count - compatible - 1 > 255) return -E2BIG;
  w.out[other].jf = (uint8_t)(compatible - other - 1);
  w.out[past].k = (uint32_t)(w.count - past - 1);
  w.out[compatible].jf = (uint8_t)(w.count - compatible - 1);
  return (int)(w.count * sizeof(struct sock_filter));
}

int envprobe_tracer_call(pid_t thread, struct envprobe_call *out) {
  struct __ptrace_syscall_info information;
  long size = syscall(SYS_ptrace, PTRACE_GET_SYSCALL_INFO, thread, sizeof information, &information);
  if (size < 0) return -errno;
  if (information.op != PTRACE_SYSCALL_INFO_SECCOMP) return -EINVAL;
  out->architecture = information.arch;
  out->stack = information.stack_pointer;
  out->number = information.seccomp.nr;
  memcpy(out->arguments, information.seccomp.args, sizeof out->arguments);
  return 0;
}
