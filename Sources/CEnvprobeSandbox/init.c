/* Process 1 of the sandbox, once everything is set up. */
#include "sandbox.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78 /* <linux/in6.h>, which excludes <netinet/in.h> */
#endif

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

int envprobe_futex_wait(_Atomic uint32_t *word, uint32_t value) {
  struct timespec limit = {.tv_nsec = 50 * 1000 * 1000};
  return syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, NULL, 0) ? -errno : 0;
}

int envprobe_futex_wake(_Atomic uint32_t *word) {
  return syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0) < 0 ? -errno : 0;
}

/* The operation that installs a filter with a listener, if there is one. */
static const struct envprobe_operation *listening_filter(const struct envprobe_launch *launch) {
  for (size_t i = 0; i < launch->program_count; i++)
    if (launch->program[i].code == ENVPROBE_FILTER && launch->program[i].x) return &launch->program[i];
  return NULL;
}

static int has_ended(pid_t process) {
  siginfo_t information = {0};
  return waitid(P_PID, (id_t)process, &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information.si_pid == process;
}

/* Waits until the program is held in execve, and returns the listener of its filter: a descriptor of the table that
 * both share so far. Where its filter lets no call pass, the program cannot wake us any more once it has it, and that
 * short while is spent yielding. */
static int take_listener(struct shared_page *shared, pid_t program, int is_woken) {
  uint32_t state;
  while ((state = atomic_load(&shared->state)) == PREPARING || (is_woken && state == INSTALLING))
    if (envprobe_futex_wait(&shared->state, state) == -ETIMEDOUT && has_ended(program)) return -1;
  for (unsigned turn = 1; (state = atomic_load(&shared->state)) == INSTALLING; turn++) {
    sched_yield();
    if (turn % 1024 == 0 && has_ended(program)) return -1;
  }
  return state == HELD ? atomic_load(&shared->listener) : -1;
}

static pid_t start_program(struct interpreter *interpreter, int shares_descriptors) {
  pid_t program = (pid_t)syscall(SYS_clone, SIGCHLD | (shares_descriptors ? CLONE_FILES : 0), NULL, NULL, NULL, 0);
  if (program != 0) return program < 0 ? -errno : program;
  envprobe_run(interpreter, ENVPROBE_PROGRAM);
  atomic_store(&interpreter->shared->state, FAILED);
  envprobe_futex_wake(&interpreter->shared->state);
  _exit(125);
}

static void add_usage(struct envprobe_report *report) {
  struct rusage usage;
  if (getrusage(RUSAGE_CHILDREN, &usage)) return;
  report->user_time = (uint64_t)usage.ru_utime.tv_sec * 1000000 + (uint64_t)usage.ru_utime.tv_usec;
  report->system_time = (uint64_t)usage.ru_stime.tv_sec * 1000000 + (uint64_t)usage.ru_stime.tv_usec;
  report->peak_memory = (uint64_t)usage.ru_maxrss;
}

/* Reaps what has ended. Returns whether anything is left. */
static int reap(struct interpreter *interpreter, pid_t *program, int options) {
  for (;;) {
    int status;
    pid_t ended = waitpid(-1, &status, options);
    if (ended == 0) return 1;
    if (ended < 0) {
      if (errno == EINTR) continue;
      return 0;
    }
    if (ended != *program) continue;
    if (WIFSTOPPED(status)) {
      struct envprobe_report stopped = {.kind = ENVPROBE_STOPPED, .number = WSTOPSIG(status)};
      envprobe_send_report(interpreter->launch->reports, &stopped, -1, -1);
      continue;
    }
    *program = 0;
    struct envprobe_report report = {.kind = ENVPROBE_EXITED, .number = status};
    add_usage(&report);
    envprobe_send_report(interpreter->launch->reports, &report, -1, -1);
  }
}

static int open_socket(const struct envprobe_request *request) {
  int type = (request->datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  int is_version_4 = request->family == 4;
  int descriptor = socket(is_version_4 ? AF_INET : AF_INET6, type, 0);
  if (descriptor < 0 && errno == EAFNOSUPPORT && request->family == 0) {
    is_version_4 = 1; /* a kernel without IPv6 */
    descriptor = socket(AF_INET, type, 0);
  }
  if (descriptor < 0) return -errno;
  int on = 1, off = 0;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int bound;
  if (is_version_4) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(request->port)};
    if (request->family) memcpy(&address.sin_addr, request->address, 4);
    bound = bind(descriptor, (struct sockaddr *)&address, sizeof address);
  } else {
    /* A route makes every address local, which is enough to bind it in the older protocol only. */
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, request->family ? &on : &off, sizeof on);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(request->port)};
    if (request->family) memcpy(&address.sin6_addr, request->address, 16);
    bound = bind(descriptor, (struct sockaddr *)&address, sizeof address);
  }
  if (bound || (!request->datagram && listen(descriptor, 512))) {
    int result = -errno;
    close(descriptor);
    return result;
  }
  return descriptor;
}

static int open_survey(void) {
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
  return descriptor < 0 ? -errno : descriptor;
}

/* Ends everything inside. Returns when nothing is left. */
static void finish(struct interpreter *interpreter, pid_t *program) {
  kill(-1, SIGKILL);
  reap(interpreter, program, 0);
}

/* Whether a signal is for all of the program's process group: a job is continued as a whole, and what the keyboard sends,
 * where the program has no terminal of its own to send it, comes to all of a job as well. */
static int concerns_job(const struct interpreter *interpreter, uint32_t signal) {
  return signal == SIGCONT || (interpreter->terminal < 0 && (signal == SIGINT || signal == SIGQUIT));
}

static void answer(struct interpreter *interpreter, const struct envprobe_request *request, pid_t *program) {
  int control = interpreter->launch->control;
  switch (request->kind) {
    case ENVPROBE_LISTEN:
    case ENVPROBE_SURVEY: {
      int descriptor = request->kind == ENVPROBE_LISTEN ? open_socket(request) : open_survey();
      envprobe_answer_listener(control, descriptor);
      if (descriptor >= 0) close(descriptor);
      return;
    }
    case ENVPROBE_SIGNAL:
      if (*program > 0 && (!concerns_job(interpreter, request->number) || kill(-*program, (int)request->number)))
        kill(*program, (int)request->number);
      return;
    case ENVPROBE_FINISH: finish(interpreter, program); return;
  }
}

void envprobe_serve(struct interpreter *interpreter) {
  const struct envprobe_launch *launch = interpreter->launch;
  const struct envprobe_operation *filter = listening_filter(launch);
  int has_listener = filter != NULL;
  pid_t program = start_program(interpreter, has_listener);
  if (program < 0) {
    struct envprobe_report report = {
      .kind = ENVPROBE_FAILED, .list = ENVPROBE_PROGRAM, .index = 0, .number = -program};
    envprobe_send_report(launch->reports, &report, -1, -1);
    _exit(125);
  }
  int listener = has_listener ? take_listener(interpreter->shared, program, filter->y != 0) : -1;
  /* A table of our own, and nothing in it that would keep the program's streams open after its end. */
  syscall(SYS_close_range, 0, 2, has_listener ? CLOSE_RANGE_UNSHARE : 0);
  for (size_t i = 0; i < launch->kept_count; i++)
    if (launch->kept[i] > 2 && launch->kept[i] != launch->control && launch->kept[i] != launch->reports)
      close(launch->kept[i]);
  if (interpreter->terminal >= 0) close(interpreter->terminal);
  if (!has_listener || listener >= 0) {
    struct envprobe_report started = {
      .kind = ENVPROBE_STARTED, .listener = listener >= 0, .terminal = interpreter->terminal_master >= 0};
    envprobe_send_report(launch->reports, &started, listener, interpreter->terminal_master);
  }
  if (listener >= 0) close(listener);
  if (interpreter->terminal_master >= 0) close(interpreter->terminal_master);

  uint64_t child_ended = 1ULL << (SIGCHLD - 1);
  int children = (int)syscall(SYS_signalfd4, -1, &child_ended, sizeof child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
  /* Elsewhere nobody could do anything about a program that stops. */
  int stops = interpreter->terminal >= 0 ? WUNTRACED : 0;
  struct pollfd sources[2] = {{launch->control, POLLIN, 0}, {children, POLLIN, 0}};
  while (reap(interpreter, &program, WNOHANG | stops)) {
    if (poll(sources, 2, -1) < 0 && errno != EINTR) break;
    if (sources[0].revents) {
      struct envprobe_request request;
      ssize_t received = recv(launch->control, &request, sizeof request, 0);
      /* Our peer is gone, and with process 1 the kernel ends every other process inside. */
      if (received == 0 || (received < 0 && errno != EINTR)) _exit(0);
      if (received == sizeof request) answer(interpreter, &request, &program);
    }
    if (sources[1].revents) {
      struct signalfd_siginfo information;
      while (read(children, &information, sizeof information) > 0) continue;
    }
  }
  struct envprobe_report gone = {.kind = ENVPROBE_GONE};
  add_usage(&gone);
  envprobe_send_report(launch->reports, &gone, -1, -1);
  _exit(0);
}
