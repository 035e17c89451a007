/// What the recorder needs of the kernel and Swift cannot call or name: variadic system calls, structures that Debian
/// 12's headers lack, and code that runs in a signal handler.
///
/// Every function returns a value >= 0, or -errno.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Notifications (notify.c)

/// `struct seccomp_notif`. Declared here because the kernel's may grow: it is received into a buffer of the size that
/// the kernel names, and the part that is known is copied from there.
struct envprobe_notification {
  uint64_t id;
  /// The thread's id as this process sees it, not the process's.
  uint32_t pid;
  uint32_t flags;
  int32_t number;
  /// An `AUDIT_ARCH_*`, which libseccomp's architecture tokens are too.
  uint32_t architecture;
  uint64_t instruction;
  uint64_t arguments[6];
};

/// Whether the kernel's structures fit: 0, -E2BIG, or -EINVAL where it has no user notification.
int envprobe_notify_check(void);

/// Waits for a notification. -ENOENT: its thread died meanwhile, or nobody is left who could be notified.
int envprobe_notify_receive(int listener, struct envprobe_notification *out);

/// Lets the call go on. -ENOENT: the thread died, or a signal interrupted its call.
int envprobe_notify_continue(int listener, uint64_t id);

/// Answers the call with `error`, a positive errno, or with `value` where that is 0.
int envprobe_notify_answer(int listener, uint64_t id, int32_t error, int64_t value);

/// 0 while the notified thread still waits for its answer, so that its process id cannot have changed hands; -ENOENT.
int envprobe_notify_is_valid(int listener, uint64_t id);

/// Puts a copy of `source` among the notified process's descriptors, and where `answer` is not 0, lets the call return
/// its number. Returns that number.
int envprobe_notify_add_descriptor(int listener, uint64_t id, int source, uint32_t descriptor_flags, int answer);

/// Asks that the notified thread and the one that answers hand the processor to each other (since Linux 6.6; -EINVAL
/// before that).
int envprobe_notify_synchronous(int listener, int on);

// Other processes (process.c)

/// `process_vm_readv` of a range that may cross into an unmapped page: returns how many bytes could be read.
ssize_t envprobe_read_memory(pid_t pid, uint64_t address, void *out, size_t count);

/// `pidfd_open`.
int envprobe_open_process(pid_t pid);

/// `SO_TYPE` of a socket that another process has as `descriptor`. Stores its `SO_COOKIE`, 0 where the kernel has none.
int envprobe_socket_type(int process, int descriptor, uint64_t *cookie);

/// Opens the root folder of a thread, to look from there. `identity` becomes a number that tells it from other roots, 0
/// where there is none.
int envprobe_open_root(pid_t thread, uint64_t *identity);

/// What `path` means below a root folder, with absolute links resolved there: the path of that from the root of its mount
/// namespace, at most `size` bytes, not terminated. A link in its last component is followed if `follows`, but for those
/// of the kernel's own that lead out of the tree (`/proc/1/exe`).
ssize_t envprobe_look_up(int root, const char *path, int follows, char *out, size_t size);

/// What the link `path` below a root folder holds; -EINVAL or -ENOENT where it is none.
ssize_t envprobe_read_link(int root, const char *path, char *out, size_t size);

/// Names the calling thread, for `ps` and debuggers; at most 15 bytes.
void envprobe_name_thread(const char *name);

/// A descriptor that polls as readable once 8 bytes were written to it, until they are read: `eventfd`.
int envprobe_event_descriptor(void);

// Files (file.c)

/// `openat` that follows no link in the last component.
int envprobe_open_beneath(int folder, const char *name, int flags);

/// The value of an extended attribute of an open file; -ENODATA where it has none.
ssize_t envprobe_attribute(int descriptor, const char *name, void *out, size_t size);

/// `major(3)` and `minor(3)` of a device number.
uint32_t envprobe_device_major(uint64_t device);
uint32_t envprobe_device_minor(uint64_t device);

// What a file is, as a program sees it (status.c)

/// Opens what `path` means with the folder `root` as the root, to look at only, with the permissions of `user` and `group`
/// where the caller may take them on.
int envprobe_open_inside(int root, const char *path, int follows, uid_t user, gid_t group);
/// A copy of another process's descriptor, by its pidfd.
int envprobe_copy_descriptor(int process, int descriptor);
/// Fills in the kernel's `struct stat` of an open file, 144 bytes on x86-64.
int envprobe_status(int file, void *out);
/// Fills in its `struct statx`, 256 bytes; of `flags` only how fresh it must be.
int envprobe_extended_status(int file, unsigned flags, unsigned mask, void *out);

// The user's terminal (terminal.c)

/// Puts a terminal into raw mode, once per process, and restores it at exit and when a signal ends the process.
/// -EBUSY where one is in raw mode already.
int envprobe_terminal_raw(int descriptor);

/// Restores it. Can be called from a signal handler and more than once.
void envprobe_terminal_restore(void);

/// Gives `target` the window size of `source`, which makes the kernel send SIGWINCH to the foreground of `target`.
int envprobe_terminal_copy_size(int source, int target);

/// Writes a byte to `descriptor` whenever the size of the process's terminal changes; -1 ends that.
int envprobe_terminal_watch_size(int descriptor);
