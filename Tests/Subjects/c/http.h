/* The least that a C program needs to talk HTTP/1.1 to a host by name. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(host, port, &hints, &found) != 0) return -1;
  int fd = socket(found->ai_family, found->ai_socktype, 0);
  if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
    close(fd);
    fd = -1;
  }
  freeaddrinfo(found);
  return fd;
}

/* Returns the status of the answer, 0 where there is none. */
__attribute__((unused)) static int request(const char *method, const char *host, const char *port, const char *path,
                                           const char *headers, const char *body) {
  int fd = dial(host, port);
  if (fd < 0) return 0;
  char head[2048], answer[4096];
  int length = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
                        method, path, host, headers, strlen(body));
  int status = 0;
  if (write(fd, head, (size_t)length) == length && write(fd, body, strlen(body)) == (ssize_t)strlen(body)) {
    ssize_t got = read(fd, answer, sizeof answer - 1);
    if (got > 12) {
      answer[got] = 0;
      status = atoi(answer + 9);
    }
    while (read(fd, answer, sizeof answer) > 0) continue;
  }
  close(fd);
  return status;
}
