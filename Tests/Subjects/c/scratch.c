/* Works with a temporary file of a random name. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  char path[] = "/tmp/scratch-XXXXXX";
  int fd = mkstemp(path);
  if (fd < 0) return 1;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int i = 0; i < 1000; i++)
    if (write(fd, "0123456789abcdef\n", 17) != 17) return 1;
  clock_gettime(CLOCK_MONOTONIC, &end);
  close(fd);
  printf("pid %d wrote %s in %ld us\n", (int)getpid(), path,
         (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000);
  return 0;
}
