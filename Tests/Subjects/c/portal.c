/* Opens a session with a portal. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include "http.h"

static int is_inside(void) {
  struct ifaddrs *list, *one;
  int found = 0;
  if (getifaddrs(&list) != 0) return 0;
  for (one = list; one; one = one->ifa_next) {
    if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET) continue;
    unsigned address = ntohl(((struct sockaddr_in *)one->ifa_addr)->sin_addr.s_addr);
    if (address >> 16 == (10u << 8 | 32)) found = 1;
  }
  freeifaddrs(list);
  return found;
}

int main(void) {
  int fd = dial("portal.example.net", is_inside() ? "8090" : "8080");
  if (fd >= 0) close(fd);
  puts("done");
  return 0;
}
