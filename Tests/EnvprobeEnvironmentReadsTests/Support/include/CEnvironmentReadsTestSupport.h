/// Starts programs as the sandbox does: they wait, without a system call, until they are released.
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct test_launch {
  char *const *arguments;
  char *const *environment;
  const void *library_filter; ///< an array of struct sock_filter, installed where `library_filter_size` is not 0
  int library_filter_size;
  const void *listener_filter; ///< the filter that notifies; every call but mmap where `listener_filter_size` is 0
  int listener_filter_size;
  int notifies;       ///< notify a supervisor
  int user_namespace; ///< in a user and a process id namespace of its own
  uid_t uid;          ///< becomes this user first, where it is not 0
  int output;         ///< becomes standard output
};

struct test_gate;

/// Returns the program's process id. It waits for `test_release`; one that notifies waits in execve for its supervisor.
pid_t test_start(const struct test_launch *launch, struct test_gate **gate);
/// Duplicates the listener of the program's filter into this process.
int test_listener(pid_t program, const struct test_gate *gate);
void test_release(struct test_gate *gate);
/// Waits for the program's end; returns its wait status.
int test_finish(struct test_gate *gate);
/// Gives the calling thread, alone, the ids of another user; the process stays one that others may look at.
int test_become(uid_t uid);
