// Does what recorders trip over, and prints what must be in the record, in the form in which the test prints it.
//
//   traps MODE [ARGUMENT…]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *format, ...) {
  static char line[512];
  va_list list;
  va_start(list, format);
  int length = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  if (write(1, line, (size_t)length) != length) _exit(90);
}

static void ask(const char *path) {
  syscall(SYS_access, path, F_OK);
  say("access|%s|F_OK\n", path);
}

// A path that changes while the recorder looks: what is recorded is one of the two, or a mixture, and never more.
static char *racing;
static volatile int is_over;

static void *race(void *unused) {
  (void)unused;
  char *page = racing + 4096;
  while (!is_over) {
    memcpy(racing, "/first-of-two", 14);
    memcpy(racing, "/other-of-two", 14);
    mprotect(page, 4096, PROT_NONE);
    mprotect(page, 4096, PROT_READ | PROT_WRITE);
    madvise(page, 4096, MADV_DONTNEED);
  }
  return NULL;
}

static void races(void) {
  racing = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, race, NULL);
  char *straddling = racing + 4096 - 6;
  for (int i = 0; i < 2000; i++) {
    syscall(SYS_openat, AT_FDCWD, racing, O_RDONLY);
    memcpy(racing + 4090, "/edge-", 6);
    syscall(SYS_openat, AT_FDCWD, straddling, O_RDONLY);
  }
  is_over = 1;
  pthread_join(thread, NULL);
  ask("/after-the-race");
}

static void closes_all(void) {
  int out = dup(1);
  dup2(out, 900);
  syscall(SYS_close_range, 3, 899, 0);
  syscall(SYS_close_range, 901, ~0U, 0);
  close(0), close(2);
  ask("/all-closed");
}

// The parent dies by its child's hand, and the child goes on.
static void kills_parent(void) {
  pid_t parent = getpid();
  if (fork() == 0) {
    kill(parent, SIGKILL);
    while (getppid() == parent) usleep(1000);
    ask("/from-the-orphan");
    _exit(0);
  }
  for (;;) syscall(SYS_access, "/from-the-victim", F_OK);
}

static void *one_call(void *argument) {
  char path[32];
  snprintf(path, sizeof path, "/thread-%ld", (long)(intptr_t)argument);
  syscall(SYS_access, path, F_OK);
  return NULL;
}

static void threads(long count) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 << 10);
  for (long done = 0; done < count;) {
    pthread_t list[500];
    long batch = count - done < 500 ? count - done : 500;
    for (long i = 0; i < batch; i++)
      if (pthread_create(&list[i], &small, one_call, (void *)(intptr_t)(done + i))) _exit(94);
    for (long i = 0; i < batch; i++) pthread_join(list[i], NULL);
    done += batch;
  }
}

static void bomb(int depth) {
  char path[32];
  snprintf(path, sizeof path, "/bomb-%d", depth);
  syscall(SYS_access, path, F_OK);
  if (depth == 0) return;
  for (int i = 0; i < 2; i++) {
    pid_t child = fork();
    if (child == 0) bomb(depth - 1), _exit(0);
    if (child < 0) _exit(95);
  }
  while (wait(NULL) > 0) {}
}

// Killed in the middle of calls: the recorder may hold one of them.
static void killed(void) {
  for (int round = 0; round < 50; round++) {
    pid_t child = fork();
    if (child == 0)
      for (;;) syscall(SYS_access, "/until-killed", F_OK);
    usleep(500);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
  ask("/after-the-killed");
}

static int filter(unsigned flags, struct sock_filter *code, unsigned short count) {
  struct sock_fprog program = {count, code};
  int result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  return result < 0 ? -errno : result;
}

static void own_listener(void) {
  struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  int result = filter(SECCOMP_FILTER_FLAG_NEW_LISTENER, code, 1);
  say("seccomp|SECCOMP_SET_MODE_FILTER|%d\n", (int)SECCOMP_FILTER_FLAG_NEW_LISTENER);
  if (result != -EBUSY) _exit(96);
  ask("/after-the-listener");
}

static void own_filter(void) {
  ask("/before-the-filter");
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  if (filter(0, code, 4) != 0) _exit(96);
  say("seccomp|SECCOMP_SET_MODE_FILTER|0\n");
  // Answered by its own filter: nobody else hears of it.
  if (syscall(SYS_mkdir, "/by-its-own-filter", 0755) == 0 || errno != EPERM) _exit(97);
  ask("/after-the-filter");
}

static void undumpable(void) {
  prctl(PR_SET_DUMPABLE, 0);
  say("prctl|PR_SET_DUMPABLE\n");
  ask("/undumpable");
}

static void traces_itself(void) {
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    syscall(SYS_access, "/in-the-traced", F_OK);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  ptrace(PTRACE_CONT, child, 0, 0);
  waitpid(child, &status, 0);
  if (!WIFEXITED(status)) _exit(98);
  say("access|/in-the-traced|F_OK\n");
}

static volatile int alarms;
static void on_alarm(int signal) { (void)signal; alarms++; }

// With SA_RESTART a call that a signal interrupts is made again, and is one call.
static void interrupted(void) {
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &often, NULL);
  for (int i = 0; i < 3000; i++) {
    char path[32];
    snprintf(path, sizeof path, "/signal-%d", i);
    if (syscall(SYS_access, path, F_OK) == 0 || errno != ENOENT) _exit(99);
  }
  setitimer(ITIMER_REAL, &never, NULL);
  say("alarms %d\n", alarms);
}

// A block of variables that is none: pointers to nowhere, without an end, into what is unmapped.
static void corrupt_environment(const char *program) {
  char *nowhere[] = {"A=1", (char *)8, (char *)-1, NULL};
  char *argv[] = {(char *)program, "alone", NULL};
  if (execve("/no/such", argv, nowhere) == 0) _exit(1);
  char **volatile nothing = (char **)8;
  execve(program, argv, nothing);
  char *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(edge + 4096, 4096);
  char **cut = (char **)(edge + 4096 - 2 * sizeof(char *));
  cut[0] = cut[1] = "B=2";
  execve(program, argv, cut);
  // No `=`, no name, twice the same, and bytes that are no text.
  char *odd[] = {"", "=", "==", "X", "B=1", "B=2", "\377\376=\001", NULL};
  execve(program, argv, odd);
  _exit(93);
}

int main(int argc, char **argv) {
  if (argc < 2) return 64;
  const char *mode = argv[1];
  if (!strcmp(mode, "races")) races();
  if (!strcmp(mode, "closes-all")) closes_all();
  if (!strcmp(mode, "kills-parent")) kills_parent();
  if (!strcmp(mode, "threads")) threads(atol(argv[2]));
  if (!strcmp(mode, "bomb")) bomb(atoi(argv[2]));
  if (!strcmp(mode, "killed")) killed();
  if (!strcmp(mode, "own-listener")) own_listener();
  if (!strcmp(mode, "own-filter")) own_filter();
  if (!strcmp(mode, "undumpable")) undumpable();
  if (!strcmp(mode, "traces-itself")) traces_itself();
  if (!strcmp(mode, "interrupted")) interrupted();
  if (!strcmp(mode, "corrupt-environment")) corrupt_environment(argv[0]);
  if (!strcmp(mode, "alone")) ask("/alone");
  return 0;
}
