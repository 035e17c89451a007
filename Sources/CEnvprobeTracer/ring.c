#include "CEnvprobeTracer.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(struct envprobe_record) == ENVPROBE_RECORD_SIZE, "the layout that hook.S writes");

enum { TAIL = 64, ENTRIES = 128, UNSET_COUNT = 16, SET_COUNT = 24, OWNER = 32, NAME = 40 };

static _Atomic uint64_t *word(const void *ring, size_t offset) {
  return (_Atomic uint64_t *)((uintptr_t)ring + offset);
}

static size_t entry_at(uint32_t number) { return ENVPROBE_RING_CACHE + (size_t)number * ENVPROBE_RECORD_SIZE; }

static size_t record_at(uint64_t index) {
  return entry_at(ENVPROBE_CACHE_ENTRIES) + (size_t)(index % ENVPROBE_RING_RECORDS) * ENVPROBE_RECORD_SIZE;
}

int envprobe_ring_take(pid_t process, int descriptor, void **ring) {
  int handle = (int)syscall(SYS_pidfd_open, process, 0);
  if (handle < 0) return -errno;
  int file = (int)syscall(SYS_pidfd_getfd, handle, descriptor, 0);
  int result = file < 0 ? -errno : 0;
  close(handle);
  if (file < 0) return result;
  struct stat status;
  void *memory = MAP_FAILED;
  // Sized from here, because the process's limit of file sizes may forbid it there. A file that is not the one just
  // made is left alone.
  if (fstat(file, &status) || !S_ISREG(status.st_mode) || status.st_size != 0 || status.st_nlink != 0) result = -EBADF;
  else if (ftruncate(file, ENVPROBE_RING_SIZE)) result = -errno;
  else memory = mmap(NULL, ENVPROBE_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (result == 0 && memory == MAP_FAILED) result = -errno;
  close(file);
  if (result == 0) *ring = memory;
  return result;
}

void envprobe_ring_release(void *ring) { munmap(ring, ENVPROBE_RING_SIZE); }

uint64_t envprobe_ring_head(const void *ring) { return atomic_load_explicit(word(ring, 0), memory_order_acquire); }

void envprobe_ring_set_tail(void *ring, uint64_t tail) {
  atomic_store_explicit(word(ring, TAIL), tail, memory_order_release);
}

static uint64_t mixed(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}

int envprobe_ring_copy(const void *ring, uint64_t index, struct envprobe_record *out, uint64_t *hash) {
  size_t place = record_at(index);
  uint64_t sequence = atomic_load_explicit(word(ring, place), memory_order_acquire);
  if (sequence != index + 1) return sequence > index + 1 ? -ESTALE : 0;
  memcpy(out, (const char *)ring + place, sizeof *out);
  atomic_thread_fence(memory_order_acquire);
  if (atomic_load_explicit(word(ring, place), memory_order_relaxed) != index + 1) return -ESTALE;
  out->name[ENVPROBE_NAME_ROOM - 1] = 0;
  size_t length = strlen(out->name);
  memset(out->name + length, 0, ENVPROBE_NAME_ROOM - length);
  uint64_t result = mixed(out->flags & 2, out->reader);
  for (size_t i = 0; i < length; i += 8) {
    uint64_t part;
    memcpy(&part, out->name + i, sizeof part);
    result = mixed(result, part);
  }
  *hash = result;
  return 1;
}

/// The first of two entries that may count such reads, as in hook.S.
static uint32_t entry_number(const struct envprobe_record *record) {
  uint64_t hash;
  memcpy(&hash, record->name, sizeof hash);
  hash = ((hash + record->name_address + record->process) ^ record->reader) * 0x5bd1e995;
  return (uint32_t)(hash >> 32) & (ENVPROBE_CACHE_ENTRIES - 2);
}

static _Atomic uint32_t *entries(void *ring) { return (_Atomic uint32_t *)(void *)((char *)ring + ENTRIES); }

int envprobe_ring_publish(void *ring, const struct envprobe_record *record) {
  // Not looked for where the first 8 bytes may lie on two pages.
  if ((record->name_address & 4095) > 4088) return -EEXIST;
  uint32_t number = entry_number(record);
  for (int side = 0; side < 2; side++, number++) {
    char *entry = (char *)ring + entry_at(number);
    _Atomic uint32_t *owner = (_Atomic uint32_t *)(void *)(entry + OWNER);
    if (atomic_load_explicit(owner, memory_order_relaxed) != 0) continue;
    memcpy(entry, &record->name_address, 8);
    memcpy(entry + 8, &record->reader, 8);
    memset(entry + UNSET_COUNT, 0, 16);
    memcpy(entry + NAME, record->name, ENVPROBE_NAME_ROOM);
    atomic_store_explicit(owner, record->process, memory_order_release);
    atomic_fetch_add_explicit(entries(ring), 1, memory_order_release);
    return (int)number;
  }
  return -EEXIST;
}

void envprobe_ring_take_counts(void *ring, int number, uint64_t *unset, uint64_t *set) {
  size_t entry = entry_at((uint32_t)number % ENVPROBE_CACHE_ENTRIES);
  *unset = atomic_exchange(word(ring, entry + UNSET_COUNT), 0);
  *set = atomic_exchange(word(ring, entry + SET_COUNT), 0);
}

void envprobe_ring_retire(void *ring, int number) {
  size_t entry = entry_at((uint32_t)number % ENVPROBE_CACHE_ENTRIES);
  atomic_store((_Atomic uint32_t *)(void *)((char *)ring + entry + OWNER), 0);
}
