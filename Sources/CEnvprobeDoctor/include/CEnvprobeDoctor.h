/* Trials of what a kernel lets a process do. Each is made for real, by a child that has no other purpose: what a
 * kernel version or a setting promises, a container's filter or a security module may still forbid.
 *
 * Nothing between the clone of a child and its end allocates, uses stdio or calls exit(3). A trial that hangs is ended
 * after ENVPROBE_TRIAL_SECONDS. */
#ifndef ENVPROBE_DOCTOR_H
#define ENVPROBE_DOCTOR_H

/* For the kinds of namespaces: CLONE_NEWNS and the like. */
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>

#define ENVPROBE_TRIAL_SECONDS 10

/* What a trial does inside a user namespace of its own, whose root the caller is. */
enum envprobe_trial {
  ENVPROBE_TRY_USER,     /* nothing more */
  ENVPROBE_TRY_KIND,     /* a namespace of the kind `flags` as well */
  ENVPROBE_TRY_MOUNTS,   /* a file system in memory, a bind of `paths[0]`, and that read-only with all below it */
  ENVPROBE_TRY_PROC,     /* the process list of a process namespace */
  ENVPROBE_TRY_TERMINAL, /* terminals of its own, and one of them opened */
  ENVPROBE_TRY_OVERLAY,  /* `paths[0]` seen through changes kept in `paths[1]` (state in `paths[2]`), on `paths[3]`;
                            the file "kept" there changed, and "removed" removed */
  ENVPROBE_TRY_NETWORK,  /* the loopback interface up, and a TCP socket listening on it */
  ENVPROBE_TRY_CLOCKS,   /* clocks that are an hour ahead, as a child sees them */
};

/* How far a trial came: the step that failed, and with what. */
struct envprobe_outcome {
  int32_t number; /* 0, or the errno */
  char step[60];  /* such as "mount overlay"; empty where nothing failed */
};

/* Makes a trial. Returns 0 where it worked, or -errno, with the step in `outcome`. */
int envprobe_try(enum envprobe_trial trial, uint64_t flags, const char *const *paths, struct envprobe_outcome *outcome);

/* What the supervision of a child's system calls was able to do. */
struct envprobe_supervision {
  int32_t install;   /* a filter that notifies: 0 or -errno; every other field is only set where it is 0 */
  int32_t killable;  /* the same, not interrupted by signals while it waits (Linux 5.19) */
  int32_t duplicate; /* the listener taken from the child by pidfd_getfd(2) */
  int32_t same_cpu;  /* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (Linux 6.6) */
  int32_t receive;   /* a call received */
  int32_t memory;    /* an argument read from the child by process_vm_readv(2) */
  int32_t proceed;   /* the call let go on, and its result right */
};

/* Supervises a child that makes a call. Returns 0, or -errno where there was no child. */
int envprobe_try_supervision(struct envprobe_supervision *result);

/* Attaches to a child as a tracer, stops it, reads a word of it and lets it go. Returns 0 or -errno, with the step. */
int envprobe_try_tracing(struct envprobe_outcome *outcome);

#endif
