/* Writes today's date, in the user's language, into a file in the home directory. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(void) {
  time_t now = time(NULL);
  char text[256], path[512];
  setlocale(LC_ALL, "");
  strftime(text, sizeof text, "%A, %d %B %Y", localtime(&now));
  snprintf(path, sizeof path, "%s/daybook.txt", getenv("HOME") ? getenv("HOME") : "/tmp");
  FILE *file = fopen(path, "a");
  if (!file) return 1;
  fprintf(file, "%s\n", text);
  fclose(file);
  puts(text);
  return 0;
}
