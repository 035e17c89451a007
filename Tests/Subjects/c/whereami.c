/* Prints who runs it, and where. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  char host[256] = "", folder[1024] = "";
  gethostname(host, sizeof host - 1);
  struct passwd *user = getpwuid(getuid());
  if (!getcwd(folder, sizeof folder)) return 1;
  printf("%s@%s:%s\n", user ? user->pw_name : "?", host, folder);
  fprintf(stderr, "home %s, lang %s\n", getenv("HOME"), getenv("LANG"));
  return 0;
}
