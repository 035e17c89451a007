#include "CEnvprobeTracer.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// memfd_create(2): what the file will never be is executable. Linux 6.3 and later.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

uint64_t envprobe_hook_keys(uint32_t key, int counts) {
  return (uint64_t)key | (uint64_t)(counts ? key : UINT32_MAX) << 32;
}

#if defined(__x86_64__)
extern const uint8_t envprobe_hook_page[], envprobe_hook_record[], envprobe_hook_full[], envprobe_hook_page_end[];
extern const uint8_t envprobe_bootstrap[], envprobe_bootstrap_end[];

// HWCAP2_FSGSBASE: whether rdfsbase may be used.
enum { FSGSBASE = 2 };

int envprobe_hook_page_build(uint8_t *page, uint32_t key, uint64_t ring) {
  size_t length = (size_t)(envprobe_hook_page_end - envprobe_hook_page);
  uint64_t data[3] = {envprobe_hook_keys(key, 1), ring, getauxval(AT_HWCAP2) & FSGSBASE ? 1 : 0};
  memcpy(page, envprobe_hook_page, length);
  memcpy(page, data, sizeof data);
  return (int)length;
}

uint32_t envprobe_hook_record_offset(void) { return (uint32_t)(envprobe_hook_record - envprobe_hook_page); }
uint32_t envprobe_hook_full_offset(void) { return (uint32_t)(envprobe_hook_full - envprobe_hook_page); }

static uint64_t file_flags(void) {
  static _Atomic uint64_t known;
  if (known == 0) {
    int file = (int)syscall(SYS_memfd_create, "envprobe", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (file >= 0) close(file);
    known = MFD_CLOEXEC | (file >= 0 ? MFD_NOEXEC_SEAL : 0);
  }
  return known;
}

int envprobe_bootstrap_build(uint8_t *code, uint64_t first_page, uint64_t second_page) {
  size_t length = (size_t)(envprobe_bootstrap_end - envprobe_bootstrap);
  uint64_t mark = (uint64_t)ENVPROBE_CALL_MARK << 32;
  uint64_t data[6] = {
    mark | file_flags(), mark, mark | ENVPROBE_BOOTSTRAP_FILE, mark | UINT32_MAX, first_page, second_page};
  memcpy(code, envprobe_bootstrap, length);
  memcpy(code + length - sizeof data - 16, data, sizeof data);
  return (int)length;
}
#else
int envprobe_hook_page_build(uint8_t *page, uint32_t key, uint64_t ring) {
  (void)page, (void)key, (void)ring;
  return -ENOSYS;
}
uint32_t envprobe_hook_record_offset(void) { return 0; }
uint32_t envprobe_hook_full_offset(void) { return 0; }
int envprobe_bootstrap_build(uint8_t *code, uint64_t first_page, uint64_t second_page) {
  (void)code, (void)first_page, (void)second_page;
  return -ENOSYS;
}
#endif

int envprobe_library_filter(void *out, size_t room) {
  enum { LOW_3 = 16 + 2 * 8, LOW_5 = 16 + 4 * 8 };
  static const struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 7),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 9 /* mmap */, 0, 5),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_3),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW_5),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | ENVPROBE_LIBRARY_TRAP),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  if (room < sizeof filter) return -ENOBUFS;
  memcpy(out, filter, sizeof filter);
  return (int)sizeof filter;
}
