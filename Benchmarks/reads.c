/* Work that recording reads of variables, or shifting the clock, makes slower. Prints the seconds that it took.
 *
 * usage: reads exec N PROGRAM    fork, execute and await PROGRAM N times
 *        reads getenv N          ask N times for a variable that is set, and for one that is not
 *        reads clock N           ask N times what time it is
 *        reads openat N          open and close N files, the programs in /usr/bin in turn */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

enum { NAMES = 1000 };

static char *names[NAMES];

static long list(const char *folder) {
  long count = 0;
  DIR *open = opendir(folder);
  for (struct dirent *entry; open && count < NAMES && (entry = readdir(open));) {
    if (entry->d_type != DT_REG) continue;
    names[count] = malloc(512);
    snprintf(names[count++], 512, "%s/%s", folder, entry->d_name);
  }
  if (open) closedir(open);
  return count;
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  long number = atol(arguments[2]);
  long known = strcmp(arguments[1], "openat") == 0 ? list("/usr/bin") : 0;
  double start = now();
  if (strcmp(arguments[1], "exec") == 0 && count == 4) {
    for (long i = 0; i < number; i++) {
      pid_t child = fork();
      if (child == 0) {
        execl(arguments[3], arguments[3], (char *)NULL);
        _exit(127);
      }
      int status;
      if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 1;
    }
  } else if (strcmp(arguments[1], "getenv") == 0) {
    for (long i = 0; i < number; i++) {
      __asm__ volatile("" ::"r"(getenv("PATH")));
      __asm__ volatile("" ::"r"(getenv("READS_UNSET")));
    }
  } else if (strcmp(arguments[1], "clock") == 0) {
    struct timespec time;
    for (long i = 0; i < number; i++) clock_gettime(CLOCK_REALTIME, &time);
  } else if (known > 0) {
    for (long i = 0; i < number; i++) close(open(names[i % known], O_RDONLY));
  } else {
    return 64;
  }
  printf("%.9f\n", now() - start);
  return 0;
}
