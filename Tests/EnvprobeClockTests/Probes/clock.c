/* Says what time it is in every way that a C program can ask, and how long it waited for points in time. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *what, long long seconds, long nanoseconds) {
  char line[128];
  int length = snprintf(line, sizeof line, "%s %lld.%09ld\n", what, seconds, nanoseconds);
  if (write(1, line, (size_t)length) != length) _exit(9);
}

static void read_clocks(const char *prefix) {
  char name[64];
  struct timespec t;
  struct timeval v;
  static const int clocks[] = {CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI, CLOCK_REALTIME_ALARM};
  for (unsigned i = 0; i < 4; i++) {
    if (clock_gettime(clocks[i], &t)) {
      /* A machine without a real-time clock of its own has no CLOCK_REALTIME_ALARM. */
      if (clocks[i] == CLOCK_REALTIME_ALARM && errno == EINVAL) continue;
      _exit(2);
    }
    snprintf(name, sizeof name, "%sclock%d", prefix, clocks[i]);
    say(name, t.tv_sec, t.tv_nsec);
    if (syscall(SYS_clock_gettime, clocks[i], &t)) _exit(3);
    snprintf(name, sizeof name, "%sraw-clock%d", prefix, clocks[i]);
    say(name, t.tv_sec, t.tv_nsec);
  }
  gettimeofday(&v, NULL);
  snprintf(name, sizeof name, "%sgettimeofday", prefix);
  say(name, v.tv_sec, v.tv_usec * 1000);
  syscall(SYS_gettimeofday, &v, NULL);
  snprintf(name, sizeof name, "%sraw-gettimeofday", prefix);
  say(name, v.tv_sec, v.tv_usec * 1000);
  time_t stored, returned = time(&stored);
  if (stored != returned) _exit(4);
  snprintf(name, sizeof name, "%stime", prefix);
  say(name, returned, 0);
  snprintf(name, sizeof name, "%sraw-time", prefix);
  returned = syscall(SYS_time, &stored);
  if (stored != returned) _exit(5);
  say(name, returned, 0);
}

static long long monotonic(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long begun;
static struct timespec deadline(long milliseconds) {
  struct timespec t;
  begun = monotonic();
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += milliseconds * 1000000;
  while (t.tv_nsec >= 1000000000) t.tv_nsec -= 1000000000, t.tv_sec++;
  return t;
}

/* What was waited, what it returned, and whether the deadline is as it was given. */
static void waited(const char *what, int result, const struct timespec *now, const struct timespec *then) {
  printf(
    "%s %lld %d %d\n", what, (monotonic() - begun) / 1000000, result,
    now->tv_sec == then->tv_sec && now->tv_nsec == then->tv_nsec);
}

static void ignore(int signal) { (void)signal; }

static void wait_for_points(void) {
  struct timespec t = deadline(200), same = t;
  waited("clock_nanosleep", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL), &t, &same);

  /* For a while, and not until a point in time. */
  begun = monotonic();
  struct timespec span = {.tv_nsec = 200000000};
  waited("nanosleep", clock_nanosleep(CLOCK_REALTIME, 0, &span, NULL), &span, &span);
  begun = monotonic();
  uint32_t still = 0;
  long ended = syscall(SYS_futex, &still, FUTEX_WAIT, 0, &span, NULL, 0);
  waited("futex-while", ended ? errno : 0, &span, &span);

  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  same = t = deadline(200);
  waited("sem_timedwait", sem_timedwait(&semaphore, &t) ? errno : 0, &t, &same);

  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  same = t = deadline(200);
  waited("cond_timedwait", pthread_cond_timedwait(&condition, &mutex, &t), &t, &same);

  uint32_t word = 0;
  same = t = deadline(200);
  long result = syscall(
    SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &t, NULL, FUTEX_BITSET_MATCH_ANY);
  waited("futex", result ? errno : 0, &t, &same);

  /* The same again with the deadline where nothing can be put below the stack. */
  uint32_t pi = 0x3fffffff;
  same = t = deadline(200);
  result = syscall(SYS_futex, &pi, FUTEX_LOCK_PI, 0, &t, NULL, 0);
  printf("lock_pi-errno %d\n", errno == ESRCH || errno == ETIMEDOUT);

  int file = timerfd_create(CLOCK_REALTIME, 0);
  struct itimerspec timer = {.it_value = deadline(200)};
  same = timer.it_value;
  if (timerfd_settime(file, TFD_TIMER_ABSTIME, &timer, NULL)) perror("timerfd_settime");
  uint64_t count = 0;
  ssize_t got = read(file, &count, sizeof count);
  waited("timerfd", got == 8 && count == 1 ? 0 : 1, &timer.it_value, &same);
  struct itimerspec stopped = {{0, 0}, {0, 0}};
  if (timerfd_settime(file, TFD_TIMER_ABSTIME, &stopped, NULL)) perror("timerfd_settime");
  if (timerfd_gettime(file, &timer) || timer.it_value.tv_sec || timer.it_value.tv_nsec) printf("not stopped\n");

  int other = timerfd_create(CLOCK_MONOTONIC, 0);
  begun = monotonic();
  struct timespec m;
  clock_gettime(CLOCK_MONOTONIC, &m);
  m.tv_nsec += 200000000;
  if (m.tv_nsec >= 1000000000) m.tv_nsec -= 1000000000, m.tv_sec++;
  struct itimerspec steady = {.it_value = m};
  timerfd_settime(other, TFD_TIMER_ABSTIME, &steady, NULL);
  got = read(other, &count, sizeof count);
  waited("timerfd-monotonic", got == 8 ? 0 : 1, &steady.it_value, &m);

  signal(SIGUSR1, ignore);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  timer_t id;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  timer_create(CLOCK_REALTIME, &event, &id);
  timer.it_value = deadline(200);
  timer.it_interval = (struct timespec){0, 0};
  same = timer.it_value;
  timer_settime(id, TIMER_ABSTIME, &timer, NULL);
  int number = 0;
  sigwait(&set, &number);
  waited("timer", number == SIGUSR1 ? 0 : 1, &timer.it_value, &same);

  char name[32];
  snprintf(name, sizeof name, "/probe-%d", getpid());
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
  mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  if (queue != (mqd_t)-1) {
    char message[8];
    same = t = deadline(200);
    waited("mq_timedreceive", mq_timedreceive(queue, message, 8, NULL, &t) < 0 ? errno : 0, &t, &same);
    mq_send(queue, "x", 1, 0);
    same = t = deadline(200);
    waited("mq_timedsend", mq_timedsend(queue, "x", 1, 0, &t) < 0 ? errno : 0, &t, &same);
    mq_unlink(name);
  } else {
    perror("mq_open");
  }
  /* What has passed already. */
  struct timespec past = {.tv_sec = 1};
  begun = monotonic();
  waited("past", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL), &past, &past);
  struct timespec wrong = {.tv_nsec = -1};
  waited("wrong", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &wrong, NULL), &wrong, &wrong);
}

static void interrupted(void) {
  struct sigaction action = {.sa_handler = ignore};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval every = {{0, 30000}, {0, 30000}};
  struct timespec t = deadline(400), same = t;
  setitimer(ITIMER_REAL, &every, NULL);
  int result, times = 0;
  while ((result = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL)) == EINTR) times++;
  waited("interrupted", times > 3 ? result : -1, &t, &same);
}

static void *in_thread(void *name) {
  read_clocks(name);
  return NULL;
}

static void *wait_in_thread(void *result) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  for (int i = 0; i < 20; i++) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += 10000000;
    if (t.tv_nsec >= 1000000000) t.tv_nsec -= 1000000000, t.tv_sec++;
    long long start = monotonic();
    int error = sem_timedwait(&semaphore, &t) ? errno : 0;
    long long took = monotonic() - start;
    if (error != ETIMEDOUT || took < 9000000 || took > 3000000000LL) *(int *)result += 1;
  }
  return NULL;
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "read";
  setvbuf(stdout, NULL, _IONBF, 0);
  if (!strcmp(mode, "read")) {
    read_clocks(argc > 2 ? argv[2] : "");
  } else if (!strcmp(mode, "wait")) {
    wait_for_points();
  } else if (!strcmp(mode, "interrupted")) {
    interrupted();
  } else if (!strcmp(mode, "family")) {
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, "thread-");
    pthread_join(thread, NULL);
    if (fork() == 0) {
      read_clocks("fork-");
      if (fork() == 0) execl("/proc/self/exe", argv[0], "read", "exec-", NULL);
      wait(NULL);
      _exit(0);
    }
    wait(NULL);
    if (vfork() == 0) execl("/proc/self/exe", argv[0], "read", "vfork-", NULL);
    wait(NULL);
  } else if (!strcmp(mode, "many")) {
    pthread_t threads[16];
    int wrong[16] = {0}, sum = 0;
    for (int i = 0; i < 16; i++) pthread_create(&threads[i], NULL, wait_in_thread, &wrong[i]);
    for (int i = 0; i < 16; i++) pthread_join(threads[i], NULL), sum += wrong[i];
    printf("wrong %d\n", sum);
  } else if (!strcmp(mode, "bad")) {
    /* What the kernel refuses is still refused, and what it would be wrong to write to is not. */
    printf("null %d\n", syscall(SYS_clock_gettime, 0, NULL) ? errno : 0);
    printf("unmapped %d\n", syscall(SYS_clock_gettime, 0, (void *)8) ? errno : 0);
    printf("clock %d\n", syscall(SYS_clock_gettime, 99, &argc) ? errno : 0);
    void *volatile none = NULL;
    printf("nothing %d\n", gettimeofday(none, none));
    printf("cputime %d\n", clock_gettime(CLOCK_PROCESS_CPUTIME_ID, none) ? errno : 0);
  } else if (!strcmp(mode, "bench")) {
    struct timespec t;
    long long best = 1LL << 60;
    for (int round = 0; round < 40; round++) {
      long long start = monotonic();
      for (int i = 0; i < 20000; i++) clock_gettime(CLOCK_REALTIME, &t);
      long long took = monotonic() - start;
      if (took < best) best = took;
    }
    printf("picoseconds %lld\n", best * 1000 / 20000);
  } else if (!strcmp(mode, "rawbench")) {
    struct timespec t;
    long long start = monotonic();
    for (int i = 0; i < 20000; i++) syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
    printf("picoseconds %lld\n", (monotonic() - start) * 1000 / 20000);
    start = monotonic();
    for (int i = 0; i < 2000; i++) {
      struct timespec past = {.tv_sec = 1};
      clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL);
    }
    printf("picoseconds %lld\n", (monotonic() - start) * 1000 / 2000);
  }
  return 0;
}
