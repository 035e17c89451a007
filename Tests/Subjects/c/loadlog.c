/* Logs the load averages: they drift, and stay the same for seconds. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  char path[512];
  double load[3] = {0};
  getloadavg(load, 3);
  snprintf(path, sizeof path, "%s/load.txt", getenv("HOME") ? getenv("HOME") : "/tmp");
  FILE *file = fopen(path, "w");
  if (!file) return 1;
  fprintf(file, "load %.2f %.2f %.2f\n", load[0], load[1], load[2]);
  fclose(file);
  puts("logged");
  return 0;
}
