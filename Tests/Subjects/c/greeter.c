/* Greets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  const char *method = getenv("XMODIFIERS");
  puts("hello");
  fprintf(stderr, "greeter[%d]: %s\n", (int)getpid(), method && strstr(method, "fcitx") ? "input ready." : "input ready");
  return 0;
}
