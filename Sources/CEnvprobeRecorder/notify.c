#include "CEnvprobeRecorder.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Linux 6.6; the headers of Debian 12 are older than the kernels that people run on it.
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#endif

// Room for structures that have grown since: they were 80 and 24 bytes in Linux 6.18.
enum { ROOM = 512 };

union request {
  struct seccomp_notif fields;
  unsigned char room[ROOM];
};

union response {
  struct seccomp_notif_resp fields;
  unsigned char room[ROOM];
};

int envprobe_notify_check(void) {
  struct seccomp_notif_sizes sizes;
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0) return -errno;
  if (sizes.seccomp_notif > ROOM || sizes.seccomp_notif_resp > ROOM) return -E2BIG;
  return 0;
}

int envprobe_notify_receive(int listener, struct envprobe_notification *out) {
  union request request;
  // The kernel refuses a buffer that is not zero.
  memset(&request, 0, sizeof request);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0) return -errno;
  out->id = request.fields.id;
  out->pid = request.fields.pid;
  out->flags = request.fields.flags;
  out->number = request.fields.data.nr;
  out->architecture = request.fields.data.arch;
  out->instruction = request.fields.data.instruction_pointer;
  for (int i = 0; i < 6; i++) out->arguments[i] = request.fields.data.args[i];
  return 0;
}

static int answer(int listener, uint64_t id, int32_t error, int64_t value, uint32_t flags) {
  union response response;
  memset(&response, 0, sizeof response);
  response.fields.id = id;
  response.fields.error = error;
  response.fields.val = value;
  response.fields.flags = flags;
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 ? -errno : 0;
}

int envprobe_notify_continue(int listener, uint64_t id) {
  return answer(listener, id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int envprobe_notify_answer(int listener, uint64_t id, int32_t error, int64_t value) {
  return answer(listener, id, -error, error ? 0 : value, 0);
}

int envprobe_notify_is_valid(int listener, uint64_t id) {
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0 ? -errno : 0;
}

int envprobe_notify_add_descriptor(int listener, uint64_t id, int source, uint32_t descriptor_flags, int answer) {
  struct seccomp_notif_addfd request = {
      .id = id,
      .flags = answer ? SECCOMP_ADDFD_FLAG_SEND : 0,
      .srcfd = (uint32_t)source,
      .newfd_flags = descriptor_flags,
  };
  int number = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &request);
  return number < 0 ? -errno : number;
}

int envprobe_notify_synchronous(int listener, int on) {
  // Passed by value, unlike the other requests.
  unsigned long flags = on ? SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP : 0;
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags) < 0 ? -errno : 0;
}
