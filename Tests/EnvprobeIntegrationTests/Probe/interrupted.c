/* Gets a signal every 300 µs, by a handler without SA_RESTART, while it opens files and makes processes: none of these
 * calls may fail with EINTR. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t ticks;

static void tick(int signal) {
  (void)signal;
  ticks++;
}

int main(void) {
  struct sigaction action = {.sa_handler = tick};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 300}, {0, 300}}, NULL);
  int broken = 0;
  struct stat status;
  for (int i = 0; i < 3000; i++) {
    int file = open("/etc/hostname", O_RDONLY);
    if (file < 0 && errno == EINTR) broken++;
    if (file >= 0) close(file);
    if (stat("/etc/passwd", &status) < 0 && errno == EINTR) broken++;
    if (i % 30 == 0) {
      pid_t child = fork();
      if (child == 0) _exit(0);
      if (child < 0 && errno == EINTR) broken++;
      while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
      }
    }
  }
  setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
  printf("%d broken off, %s\n", broken, ticks > 100 ? "many signals" : "few signals");
  return 0;
}
