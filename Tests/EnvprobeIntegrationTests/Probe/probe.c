/* Does what its arguments say, one thing after the other, and prints what came of it: the record must agree.
   usage: probe {open PATH | create PATH | remove PATH | connect ADDRESS PORT | run PROGRAM | signal PID | mount | variable NAME
                 | ids | catch | exit STATUS}... */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *outcome(long result) { return result < 0 ? strerrorname_np(errno) : "ok"; }

static long make_connection(const char *address, int port) {
  struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &target.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval limit = {.tv_sec = 3};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(fd, (struct sockaddr *)&target, sizeof target) < 0) return -1;
  char answer[64] = "";
  static const char request[] = "GET /probe HTTP/1.0\r\n\r\n";
  if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0) return -1;
  ssize_t length = recv(fd, answer, sizeof answer - 1, 0);
  close(fd);
  printf("answer %.*s\n", length > 0 ? (int)strcspn(answer, "\r\n") : 0, answer);
  return 0;
}

static long run_program(const char *path) {
  pid_t child = fork();
  if (child == 0) {
    execl(path, path, "--from-probe", (char *)NULL);
    _exit(errno);
  }
  int status = 0;
  if (waitpid(child, &status, 0) < 0) return -1;
  errno = WEXITSTATUS(status);
  return errno == 0 ? 0 : -1;
}

static volatile sig_atomic_t caught;
static void note(int number) { caught = number; }

static long catch_signal(void) {
  struct sigaction action = {.sa_handler = note};
  for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
  puts("ready");
  fflush(stdout);
  while (!caught) pause();
  printf("caught %s\n", sigabbrev_np(caught));
  return 0;
}

int main(int count, char **words) {
  for (int index = 1; index < count; index++) {
    const char *what = words[index];
    const char *first = index + 1 < count ? words[index + 1] : "";
    if (!strcmp(what, "open")) {
      int fd = open(first, O_RDONLY | O_CLOEXEC);
      printf("open %s %s\n", first, outcome(fd));
      if (fd >= 0) close(fd);
      index++;
    } else if (!strcmp(what, "create")) {
      int fd = open(first, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
      printf("create %s %s\n", first, outcome(fd));
      if (fd >= 0 && write(fd, "probe\n", 6) == 6) close(fd);
      index++;
    } else if (!strcmp(what, "remove")) {
      long result = unlink(first);
      printf("remove %s %s\n", first, outcome(result));
      index++;
    } else if (!strcmp(what, "connect")) {
      long result = make_connection(first, atoi(words[index + 2]));
      printf("connect %s %s %s\n", first, words[index + 2], outcome(result));
      index += 2;
    } else if (!strcmp(what, "run")) {
      fflush(stdout);
      long result = run_program(first);
      printf("run %s %s\n", first, outcome(result));
      index++;
    } else if (!strcmp(what, "signal")) {
      long result = kill(atoi(first), 0);
      printf("signal %s\n", outcome(result));
      index++;
    } else if (!strcmp(what, "mount")) {
      long result = mount("none", "/tmp", "tmpfs", 0, NULL);
      printf("mount %s\n", outcome(result));
      if (result == 0) umount("/tmp");
    } else if (!strcmp(what, "variable")) {
      const char *value = getenv(first);
      printf("variable %s %s\n", first, value ? value : "unset");
      index++;
    } else if (!strcmp(what, "ids")) {
      printf("ids %d %d\n", getuid(), getgid());
    } else if (!strcmp(what, "catch")) {
      catch_signal();
    } else if (!strcmp(what, "exit")) {
      return atoi(first);
    } else {
      return 64;
    }
    fflush(stdout);
  }
  return 0;
}
