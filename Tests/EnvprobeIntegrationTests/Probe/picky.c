/* Asks for a variable more where the time zone is Shanghai's, and says nothing of it. */
#include <stdlib.h>
#include <string.h>

int main(void) {
  const char *zone = getenv("TZ");
  if (zone && strcmp(zone, "Asia/Shanghai") == 0) getenv("PICKY_GATEWAY");
  return 0;
}
