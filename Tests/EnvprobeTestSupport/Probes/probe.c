/* Does what its first argument says, and prints the variables that it asked for: a line NAME=set or NAME=unset each. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void ask(const char *name) {
  const char *value = getenv(name);
  char line[256];
  int length = snprintf(line, sizeof line, "%s=%s\n", name, value ? "set" : "unset");
  if (write(1, line, (size_t)length) != length) _exit(9);
}

static void reap(void) {
  int status;
  while (wait(&status) > 0) continue;
}

static void *ask_in_thread(void *argument) {
  char name[64];
  snprintf(name, sizeof name, "PROBE_THREAD_%ld", (long)argument);
  ask(name);
  return NULL;
}

static char *self;
static void *execute_in_thread(void *argument) {
  (void)argument;
  char *arguments[] = {self, "names", "PROBE_AFTER_EXEC", NULL};
  execv(self, arguments);
  return NULL;
}

static void *spin(void *argument) {
  (void)argument;
  for (;;) __asm__ volatile("" ::"r"(getenv("PROBE_SPIN")));
}

static volatile sig_atomic_t signals;
static void on_signal(int number) {
  (void)number;
  getenv("PROBE_IN_HANDLER");
  signals++;
}

/* The mapping that `what` is found in: envprobe's own, which a program can see. */
static void *find_mapping(const char *what, const char *permissions, size_t *size) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  unsigned long start, end;
  char found[8];
  void *result = NULL;
  while (fgets(line, sizeof line, maps)) {
    if (sscanf(line, "%lx-%lx %7s", &start, &end, found) != 3 || strcmp(found, permissions)) continue;
    if (what ? strstr(line, what) == NULL : (strchr(line, '/') || strchr(line, '[') || end - start != 4096)) continue;
    result = (void *)start;
    *size = end - start;
  }
  fclose(maps);
  return result;
}

int main(int count, char **arguments) {
  self = "/proc/self/exe";
  const char *mode = count > 1 ? arguments[1] : "";
  setvbuf(stdout, NULL, _IONBF, 0);
  if (!strcmp(mode, "names")) {
    for (int i = 2; i < count; i++) ask(arguments[i]);
  } else if (!strcmp(mode, "change")) {
    ask("PROBE_NEW");
    setenv("PROBE_NEW", "1", 1);
    ask("PROBE_NEW_2");
    setenv("PROBE_NEW_2", "", 1);
    char name[] = "PROBE_NEW_2";
    const char *value = getenv(name);
    printf("%s=%s\n", name, value ? "set" : "unset");
  } else if (!strcmp(mode, "long")) {
    char name[120];
    memset(name, 'L', sizeof name - 1);
    memcpy(name, "PROBE_", 6);
    name[119] = 0;
    ask(name);
    name[87] = 0;
    ask(name);
  } else if (!strcmp(mode, "repeat")) {
    long times = atol(arguments[2]);
    for (long i = 0; i < times; i++) __asm__ volatile("" ::"r"(getenv("PROBE_REPEATED")));
  } else if (!strcmp(mode, "buffer")) {
    /* Many names from one place in memory, read from one place in the code. */
    for (long i = 0; i < atol(arguments[2]); i++) {
      char name[32];
      snprintf(name, sizeof name, "PROBE_%ld", i % 300);
      __asm__ volatile("" ::"r"(getenv(name)));
    }
  } else if (!strcmp(mode, "fork")) {
    for (int i = 0; i < 5; i++)
      if (fork() == 0) {
        char name[32];
        snprintf(name, sizeof name, "PROBE_FORK_%d", i);
        ask(name);
        _exit(0);
      }
    reap();
    ask("PROBE_PARENT");
  } else if (!strcmp(mode, "vfork")) {
    pid_t child = vfork();
    if (child == 0) {
      __asm__ volatile("" ::"r"(getenv("PROBE_CHILD")));
      char *list[] = {self, "names", "PROBE_EXECUTED", NULL};
      execv(self, list);
      _exit(1);
    }
    printf("child=%d\n", child);
    reap();
    ask("PROBE_PARENT");
  } else if (!strcmp(mode, "clone3")) {
    struct { unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, rest[3]; } call = {.exit_signal = SIGCHLD};
    if (syscall(SYS_clone3, &call, sizeof call) == 0) {
      ask("PROBE_CLONE3");
      _exit(0);
    }
    reap();
  } else if (!strcmp(mode, "threads")) {
    long number = atol(arguments[2]);
    for (long done = 0; done < number;) {
      pthread_t threads[100];
      long batch = number - done < 100 ? number - done : 100;
      for (long i = 0; i < batch; i++) pthread_create(&threads[i], NULL, ask_in_thread, (void *)(done + i));
      for (long i = 0; i < batch; i++) pthread_join(threads[i], NULL);
      done += batch;
    }
  } else if (!strcmp(mode, "thread-exec")) {
    pthread_t thread;
    for (int i = 0; i < 8; i++) pthread_create(&thread, NULL, spin, NULL);
    pthread_create(&thread, NULL, execute_in_thread, NULL);
    pause();
  } else if (!strcmp(mode, "signals")) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {{0, 300}, {0, 300}};
    setitimer(ITIMER_REAL, &timer, NULL);
    while (signals < 300) getenv("PROBE_LOOP");
    printf("signals=%d\n", signals >= 300);
  } else if (!strcmp(mode, "stop")) {
    pid_t child = fork();
    if (child == 0) {
      ask("PROBE_BEFORE");
      raise(SIGSTOP);
      ask("PROBE_AFTER");
      _exit(7);
    }
    int status;
    waitpid(child, &status, WUNTRACED);
    printf("stopped=%d\n", WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    printf("exited=%d\n", WIFEXITED(status) && WEXITSTATUS(status) == 7);
  } else if (!strcmp(mode, "trap")) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTRAP, &action, NULL);
    __asm__ volatile("int3");
    raise(SIGTRAP);
    printf("traps=%d\n", signals);
  } else if (!strcmp(mode, "ptrace")) {
    printf("traceme=%d\n", ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0);
  } else if (!strcmp(mode, "zone")) {
    tzset();
  } else if (!strcmp(mode, "unmap")) {
    size_t size;
    void *page = find_mapping(NULL, "r-xp", &size);
    printf("found=%d\n", page != NULL);
    if (page) munmap(page, size);
    getenv("PROBE_GONE");
  } else if (!strcmp(mode, "scribble")) {
    size_t size;
    unsigned char *ring = find_mapping("memfd:envprobe", "rw-s", &size);
    printf("found=%d\n", ring != NULL);
    unsigned state = 1;
    for (int round = 0; ring && round < 20; round++) {
      for (size_t i = 0; i < size; i++) ring[i] = (unsigned char)((state = state * 1103515245 + 12345) >> 16);
      usleep(5000);
    }
    memset(ring, 0xff, 4096);
    usleep(5000);
  } else if (!strcmp(mode, "bomb")) {
    /* Every process makes more until there are enough; all of them end by themselves. */
    int depth = atoi(arguments[2]);
    while (depth-- > 0 && fork() >= 0) getenv("PROBE_BOMB");
    reap();
  } else if (!strcmp(mode, "race")) {
    /* Execs from many threads at once. */
    long rounds = atol(arguments[2]);
    if (rounds == 0) {
      ask("PROBE_LAST");
      return 0;
    }
    char left[32];
    snprintf(left, sizeof left, "%ld", rounds - 1);
    static char *list[4];
    list[0] = self;
    list[1] = "race";
    list[2] = strdup(left);
    for (int i = 0; i < 4; i++) {
      pthread_t thread;
      pthread_create(&thread, NULL, (void *(*)(void *))(void *)spin, NULL);
    }
    execv(self, list);
  } else if (!strcmp(mode, "close")) {
    syscall(SYS_close_range, 3, ~0U, 0);
    ask("PROBE_CLOSED");
  } else if (!strcmp(mode, "killed")) {
    for (int i = 0; i < 10; i++)
      if (fork() == 0) {
        for (;;) {
          if (fork() == 0) _exit(0);
          reap();
        }
      }
    usleep(50000);
    kill(0, SIGKILL);
  } else if (!strcmp(mode, "filter")) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    struct { unsigned short code; unsigned char jt, jf; unsigned k; } allow = {6, 0, 0, 0x7fff0000};
    struct { unsigned short length; void *filter; } program = {1, &allow};
    prctl(PR_SET_SECCOMP, 2, &program);
    char *list[] = {self, "names", "PROBE_FILTERED", NULL};
    execv(self, list);
  }
  return 0;
}
