#include "CEnvprobeRecorder.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

// One terminal per process: a handler has no argument to tell several apart.
static atomic_int raw_descriptor = -1;
static struct termios saved;
static atomic_int size_descriptor = -1;

// Those that end a process. What somebody else handles stays theirs: they come to an orderly end, which restores too.
static const int ending[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGABRT, SIGSEGV,
                             SIGBUS,  SIGILL,  SIGFPE,  SIGTRAP, SIGSYS,  SIGPIPE,
                             SIGXCPU, SIGXFSZ, SIGALRM, SIGUSR1, SIGUSR2};
enum { ENDING = sizeof ending / sizeof *ending };

void envprobe_terminal_restore(void) {
  int descriptor = atomic_exchange(&raw_descriptor, -1);
  if (descriptor < 0) return;
  int saved_errno = errno;
  // A process in the background is stopped by SIGTTOU when it sets a terminal's modes, and would stay so.
  sigset_t block, before;
  sigemptyset(&block);
  sigaddset(&block, SIGTTOU);
  sigprocmask(SIG_BLOCK, &block, &before);
  tcsetattr(descriptor, TCSANOW, &saved);
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = saved_errno;
}

static void restore_and_die(int signal) {
  envprobe_terminal_restore();
  // SA_RESETHAND has brought the default back: the signal ends the process with its own status.
  raise(signal);
}

int envprobe_terminal_raw(int descriptor) {
  if (atomic_load(&raw_descriptor) >= 0) return -EBUSY;
  if (tcgetattr(descriptor, &saved) < 0) return -errno;
  for (int i = 0; i < ENDING; i++) {
    struct sigaction before;
    if (sigaction(ending[i], NULL, &before) < 0 || before.sa_handler != SIG_DFL || before.sa_flags & SA_SIGINFO) {
      continue;
    }
    struct sigaction action = {.sa_handler = restore_and_die, .sa_flags = SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(ending[i], &action, NULL);
  }
  static atomic_flag registered = ATOMIC_FLAG_INIT;
  if (!atomic_flag_test_and_set(&registered)) atexit(envprobe_terminal_restore);

  atomic_store(&raw_descriptor, descriptor);
  struct termios raw = saved;
  cfmakeraw(&raw);
  if (tcsetattr(descriptor, TCSANOW, &raw) < 0) {
    int error = errno;
    atomic_store(&raw_descriptor, -1);
    return -error;
  }
  return 0;
}

int envprobe_terminal_copy_size(int source, int target) {
  struct winsize size;
  if (ioctl(source, TIOCGWINSZ, &size) < 0) return -errno;
  return ioctl(target, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

static void size_changed(int signal) {
  (void)signal;
  int descriptor = atomic_load(&size_descriptor);
  if (descriptor < 0) return;
  int saved_errno = errno;
  ssize_t written = write(descriptor, "w", 1);
  (void)written;
  errno = saved_errno;
}

int envprobe_terminal_watch_size(int descriptor) {
  atomic_store(&size_descriptor, descriptor);
  struct sigaction action = {.sa_handler = descriptor < 0 ? SIG_DFL : size_changed, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  return sigaction(SIGWINCH, &action, NULL) < 0 ? -errno : 0;
}
