/* What the files of this target share. */
#ifndef ENVPROBE_TRIAL_H
#define ENVPROBE_TRIAL_H

#include "CEnvprobeDoctor.h"

#include <signal.h>
#include <sys/types.h>

/* clone(2) without a stack or libc's bookkeeping: the child goes on here, with all signals as they were. */
pid_t envprobe_trial_clone(uint64_t flags, int *pidfd);

/* Ends a child by its pidfd, reaps it and closes the pidfd. */
void envprobe_trial_end(pid_t child, int pidfd);

/* Whether `descriptor` became readable in time. 0, or -ETIMEDOUT and the like. */
int envprobe_trial_wait(int descriptor);

#endif
