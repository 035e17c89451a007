/// What following a program with ptrace needs of the kernel and Swift cannot call or name: ptrace itself, the machine
/// code that runs inside the program, and the memory shared with it.
///
/// Everything here must be called from one thread per program, the one that seized it: the kernel knows a tracer by its
/// thread. Every function returns a value >= 0, or -errno. x86-64 only; elsewhere `envprobe_tracer_is_supported` is 0.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Whether this processor architecture can be traced: 1 or 0.
int envprobe_tracer_is_supported(void);

// Stops (ptrace.c)

/// The registers of a stopped thread.
struct envprobe_registers {
  uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, flags, rsp, ss;
  uint64_t fs_base, gs_base, ds, es, fs, gs;
};

enum envprobe_stop_kind {
  ENVPROBE_STOP_EXITED = 1, ///< the thread is gone; `detail` is its wait status
  ENVPROBE_STOP_SIGNAL,     ///< signal `detail` is about to be delivered
  ENVPROBE_STOP_GROUP,      ///< the process is stopped by signal `detail`, like any other
  ENVPROBE_STOP_START,      ///< a new thread before its first instruction, or one that was interrupted
  ENVPROBE_STOP_FORK,       ///< it made process or thread `detail`
  ENVPROBE_STOP_VFORK,      ///< the same, and it waits for its child
  ENVPROBE_STOP_CLONE,      ///< the same as FORK
  ENVPROBE_STOP_VFORK_DONE, ///< the child that it waited for no longer uses its memory
  ENVPROBE_STOP_EXEC,       ///< it executes another program; `detail` is the id of the thread that asked for it
  ENVPROBE_STOP_SECCOMP,    ///< a filter returned RET_TRACE with data `detail`
  ENVPROBE_STOP_SYSCALL,    ///< a system call begins or ends, after `envprobe_tracer_resume_to_syscall`
};

struct envprobe_stop {
  pid_t thread;
  uint32_t kind;
  uint64_t detail;
};

/// Seizes a thread without stopping it, and from then on everything it creates; all of it is killed when the calling
/// thread ends.
int envprobe_tracer_seize(pid_t thread);

/// Waits for a stop or an end of `thread`, or of any thread that was seized where it is -1. -ECHILD when none is left.
int envprobe_tracer_wait(pid_t thread, struct envprobe_stop *stop);

/// Lets a thread go on, with `signal` delivered where it is not 0.
int envprobe_tracer_resume(pid_t thread, int signal);
/// Lets a thread go on to where its system call ends, or to its next one.
int envprobe_tracer_resume_to_syscall(pid_t thread);
/// Leaves a thread in its group stop, which SIGCONT ends.
int envprobe_tracer_listen(pid_t thread);

int envprobe_tracer_get_registers(pid_t thread, struct envprobe_registers *out);
int envprobe_tracer_set_registers(pid_t thread, const struct envprobe_registers *registers);
/// Writes 8 bytes of a stopped thread's memory, also where it may not be written.
int envprobe_tracer_poke(pid_t thread, uint64_t address, uint64_t value);
/// Writes `count` bytes likewise, through `memory`, an open /proc/PID/mem, or word by word where that is refused.
int envprobe_tracer_write(pid_t thread, int memory, uint64_t address, const void *bytes, size_t count);
/// Whether the signal that a thread is stopped for comes from the processor and not from a process: 1 or 0.
int envprobe_tracer_is_fault(pid_t thread);
/// Whether `id` is a process, and not one of its further threads: 1 or 0.
int envprobe_tracer_is_process(pid_t id);
/// Whether two processes use the same memory: 1 or 0; -ENOSYS where the kernel does not tell.
int envprobe_tracer_shares_memory(pid_t one, pid_t other);
/// Opens a file as a process with the root folder `root` sees it, for reading.
int envprobe_tracer_open_beneath(int root, const char *path);

// The ring (ring.c)

/// The memory that a process and envprobe share. The process can write anything into it at any time.
///
/// At 0: the number of places that were reserved; at 64: how many envprobe has taken; at 128: how many entries there
/// are; from `ENVPROBE_RING_CACHE` the entries, which count repetitions and are made by envprobe; then the records, the
/// oldest of which are overwritten.
enum {
  ENVPROBE_RING_CACHE = 4096,
  ENVPROBE_CACHE_ENTRIES = 2048,
  ENVPROBE_RING_RECORDS = 2048,
  ENVPROBE_RECORD_SIZE = 128,
  ENVPROBE_NAME_ROOM = 88,
  ENVPROBE_RING_SIZE = ENVPROBE_RING_CACHE + ENVPROBE_RECORD_SIZE * (ENVPROBE_CACHE_ENTRIES + ENVPROBE_RING_RECORDS),
};

/// One read of a variable, as found in the ring.
struct envprobe_record {
  uint64_t sequence;
  uint64_t reader;
  uint64_t name_address;
  uint64_t thread_pointer;
  uint32_t process;
  uint32_t flags; ///< 1: it was set; 2: the name is longer
  char name[ENVPROBE_NAME_ROOM];
};

/// Takes over the file that a stopped process has as `descriptor`, gives it the ring's size, and maps it.
int envprobe_ring_take(pid_t process, int descriptor, void **ring);
void envprobe_ring_release(void *ring);
/// How many records were ever begun.
uint64_t envprobe_ring_head(const void *ring);
/// Makes room: everything before `tail` has been taken.
void envprobe_ring_set_tail(void *ring, uint64_t tail);
/// Copies record `index`, with zeros after the name, and a hash of its reader and name: 1; 0 where it is not complete yet; -ESTALE where a later one has taken its place.
int envprobe_ring_copy(const void *ring, uint64_t index, struct envprobe_record *out, uint64_t *hash);
/// Lets further reads like `record` be counted in an entry: its number, or -EEXIST where another kind of read has it.
int envprobe_ring_publish(void *ring, const struct envprobe_record *record);
/// Takes the counts of entry `number` and leaves zeros.
void envprobe_ring_take_counts(void *ring, int number, uint64_t *unset, uint64_t *set);
/// Frees an entry.
void envprobe_ring_retire(void *ring, int number);

// Code that runs inside (code.c, hook.S)

enum { ENVPROBE_HOOK_PAGE = 4096 };

/// Builds the beginning of a hook page for the process `key` with its ring at `ring`: returns its length. `page` has
/// `ENVPROBE_HOOK_PAGE` bytes.
int envprobe_hook_page_build(uint8_t *page, uint32_t key, uint64_t ring);
/// The offsets in a hook page of where thunks go on, and of the instruction after the one that asks for room.
uint32_t envprobe_hook_record_offset(void);
uint32_t envprobe_hook_full_offset(void);
/// The 8 bytes at the beginning of a hook page. `counts`: whether reads may be counted in the ring's entries.
uint64_t envprobe_hook_keys(uint32_t key, int counts);

/// Pages that the bootstrap maps: at an address or a little below it, anywhere, or not at all.
enum { ENVPROBE_PAGE_ANYWHERE = 0, ENVPROBE_PAGE_NONE = 1 };

/// Builds the code that is run once at a program's entry point. Returns its length; `code` has 1024 bytes.
int envprobe_bootstrap_build(uint8_t *code, uint64_t first_page, uint64_t second_page);

/// The upper half of an argument that the kernel takes for an int: marks a call that envprobe makes in a process.
#define ENVPROBE_CALL_MARK 0x656e7670u
/// The lower half of the file argument of the mmap that ends the bootstrap.
#define ENVPROBE_BOOTSTRAP_FILE 0x7ffffff0u
/// The data with which the library filter returns RET_TRACE.
#define ENVPROBE_LIBRARY_TRAP 0x656eu

/// Writes the library filter, as classic BPF: returns its size in bytes, at most `room`.
int envprobe_library_filter(void *out, size_t room);

// The clock (clock.c, clock.S)

/// Where in the code of `envprobe_clock_build` the functions begin.
struct envprobe_clock_entries {
  uint32_t gettime, timeofday, time;
};

/// Builds the functions that take the place of the vDSO's: returns their length, or -ENOSPC.
///
/// `nanoseconds` lies in 0..<1,000,000,000 and is a multiple of 1,000; `gettime` and `timeofday` say how far from the code's
/// beginning the originals are.
int envprobe_clock_build(
  uint8_t *code, size_t room, int64_t seconds, int64_t nanoseconds, int64_t gettime, int64_t timeofday,
  struct envprobe_clock_entries *entries);

/// The stack pointer of a stopped thread of whatever word size.
int envprobe_tracer_stack_pointer(pid_t thread, uint64_t *out);
/// Its registers, in the layout of a 64-bit program whatever it is.
int envprobe_tracer_get_wide_registers(pid_t thread, struct envprobe_registers *out);
int envprobe_tracer_set_wide_registers(pid_t thread, const struct envprobe_registers *registers);

/// The call that a thread stands in which a filter handed over.
struct envprobe_call {
  uint32_t architecture; ///< an `AUDIT_ARCH_*`
  uint64_t number;
  uint64_t arguments[6];
  uint64_t stack;
};
int envprobe_tracer_call(pid_t thread, struct envprobe_call *out);

/// The data with which the clock filter returns RET_TRACE.
#define ENVPROBE_CLOCK_TRAP 0x656fu

/// Writes the part of a filter that a shifted clock needs, as classic BPF: returns its size in bytes, at most `room`.
///
/// It is put in front of the filter that notifies and falls through to it. Readings of the clock are notified; calls with
/// a deadline on it are handed to the tracer, which they would not reach from a filter of their own: the other one may ask
/// to be notified of them, and that goes first.
int envprobe_clock_filter(void *out, size_t room);
