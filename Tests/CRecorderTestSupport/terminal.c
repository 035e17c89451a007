#include "CEnvprobeRecorder.h"
#include "CRecorderTestSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>



int recorder_open_terminal(int fds[2]) {
  fds[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fds[0] < 0 || grantpt(fds[0]) < 0 || unlockpt(fds[0]) < 0) return -errno;
  fds[1] = open(ptsname(fds[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
  return fds[1] < 0 ? -errno : 0;
}

int recorder_set_window(int fd, int rows, int columns) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  return ioctl(fd, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

int recorder_window_rows(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) < 0 ? -errno : size.ws_row;
}

int recorder_die_raw(int fd, int signal_number) {
  pid_t pid = fork();
  if (pid == 0) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(signal_number, SIG_DFL);
    sigset_t all;
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (envprobe_terminal_raw(fd) != 0 || !recorder_is_raw(fd)) _exit(1);
    raise(signal_number);
    _exit(2);
  }
  return recorder_wait(pid);
}

int recorder_is_raw(int fd) {
  struct termios modes;
  return tcgetattr(fd, &modes) == 0 && !(modes.c_lflag & ICANON);
}
