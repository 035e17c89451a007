/* What the parts of process 1 share. */
#ifndef ENVPROBE_SANDBOX_PRIVATE_H
#define ENVPROBE_SANDBOX_PRIVATE_H

#include "CEnvprobeSandbox.h"

#include <stdatomic.h>

/* A page that process 1 and the program share until execve. */
struct shared_page {
  _Atomic uint32_t state; /* a futex: PREPARING, INSTALLING, then HELD or FAILED */
  _Atomic int32_t listener;
};
enum { PREPARING, INSTALLING, HELD, FAILED };

struct interpreter {
  const struct envprobe_launch *launch;
  struct shared_page *shared;
  int terminal_master, terminal; /* -1 until there is one */
};

/* Runs a list. On failure reports it and returns -errno. */
int envprobe_run(struct interpreter *interpreter, enum envprobe_list list);

/* Process 1, from the end of its setup on. Does not return. */
_Noreturn void envprobe_serve(struct interpreter *interpreter);

/* Sends `report` with the descriptors that are not -1. */
int envprobe_send_report(int reports, const struct envprobe_report *report, int first, int second);

/* Answers ENVPROBE_LISTEN with a descriptor or -errno. */
int envprobe_answer_listener(int control, int32_t result);

/* Waits while `word` is `value`, 50 ms at most. */
int envprobe_futex_wait(_Atomic uint32_t *word, uint32_t value);
int envprobe_futex_wake(_Atomic uint32_t *word);

#endif
