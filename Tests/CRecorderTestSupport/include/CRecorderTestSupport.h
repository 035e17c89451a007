/// A launcher for the recorder's tests, so that they need no sandbox: forks, installs a filter that notifies every call
/// but a few, hands the listener over, and executes a program.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum recorder_isolation {
  RECORDER_NONE,
  /// A user, mount and process id namespace with another root folder, made with pivot_root.
  RECORDER_PIVOT,
  /// The same with a root folder made with chroot.
  RECORDER_CHROOT,
};

struct recorder_launch {
  /// The program; or with an isolation its parent, which ends as it does.
  pid_t pid;
  int listener;
};

/// Starts a program.
///
/// `hot` are the numbers of the calls that are not notified, among which are read, write, and close. `output` becomes
/// its standard output. Returns 0, or -errno with `*step` naming what failed.
int recorder_start(char *const argv[], char *const envp[], const int32_t *hot, size_t hot_count,
                   enum recorder_isolation isolation, int wait_killable, int output, struct recorder_launch *result,
                   const char **step);

/// Waits for it; the wait status.
int recorder_wait(pid_t pid);

/// Puts a small memory file system on a folder, and takes it away. 0, or -errno.
int recorder_mount_small(const char *folder, const char *options);
int recorder_unmount(const char *folder);

/// Makes an overlay on `target` inside a new mount namespace, and with a user namespace but for `as_root`, runs a shell
/// script in it, and ends. The wait status, or -errno.
int recorder_run_on_overlay(const char *target, const char *options, const char *script, int as_root);

/// Opens a pseudo-terminal; `fds[0]` is the master.
int recorder_open_terminal(int fds[2]);
int recorder_set_window(int fd, int rows, int columns);
int recorder_window_rows(int fd);
/// A process that sets the terminal `fd` to raw mode and dies from a signal. The wait status.
int recorder_die_raw(int fd, int signal);
int recorder_is_raw(int fd);
