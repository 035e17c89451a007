/* The mount calls that the oldest supported libc lacks. They set errno. */
#ifndef ENVPROBE_MOUNTS_H
#define ENVPROBE_MOUNTS_H

#include <stdint.h>

/* Moves the detached mount `tree` to `target`. */
int envprobe_move_mount(int tree, const char *target);

/* Sets and clears mount attributes of `path`. */
int envprobe_set_attributes(const char *path, uint64_t set, uint64_t clear, int recursive);

#endif
