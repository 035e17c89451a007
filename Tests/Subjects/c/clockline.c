/* Prints the local time. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  time_t now = time(NULL);
  char text[128];
  tzset();
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", localtime(&now));
  unsigned session;
  if (getentropy(&session, sizeof session) != 0) return 1;
  printf("%s session %08x\n", text, session);
  return 0;
}
