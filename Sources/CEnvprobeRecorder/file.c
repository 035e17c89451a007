#include "CEnvprobeRecorder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

int envprobe_open_beneath(int folder, const char *name, int flags) {
  int descriptor = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

ssize_t envprobe_attribute(int descriptor, const char *name, void *out, size_t size) {
  ssize_t length = fgetxattr(descriptor, name, out, size);
  return length < 0 ? -errno : length;
}

uint32_t envprobe_device_major(uint64_t device) { return major(device); }
uint32_t envprobe_device_minor(uint64_t device) { return minor(device); }
