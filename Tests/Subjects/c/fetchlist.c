/* Fetches a list from the nearest of two servers. */
#include "http.h"

int main(void) {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  const char *end = strrchr(name, '.');
  const char *server = end && !strcmp(end, ".cn") ? "lists-b.example.net" : "lists-a.example.net";
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
  int failed = getaddrinfo(server, "80", &hints, &found);
  puts(failed ? "no list" : "list is there");
  return 0;
}
