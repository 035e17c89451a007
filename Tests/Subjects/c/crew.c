/* Four workers that race. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  for (int i = 0; i < 4; i++)
    if (fork() == 0) {
      unsigned wait_for = 0;
      if (getentropy(&wait_for, sizeof wait_for) == 0) usleep(wait_for % 20000);
      dprintf(1, "worker %d done\n", i);
      _exit(0);
    }
  while (wait(NULL) > 0) continue;
  return 0;
}
