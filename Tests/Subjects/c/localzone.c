/* Prints the machine's zone by name and offset. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  char zone[512] = "";
  ssize_t length = readlink("/etc/localtime", zone, sizeof zone - 1);
  if (length > 0) zone[length] = 0;
  time_t now = time(NULL);
  struct tm *local = localtime(&now);
  printf("TZ=%s file=%s offset=%ld name=%s\n", getenv("TZ") ? getenv("TZ") : "", zone, local->tm_gmtoff, local->tm_zone);
  return 0;
}
