/* What Swift must not do for a sandbox: everything between clone and execve, and the process that stays inside.
 *
 * A launch is one clone(2). The child becomes process 1 of the sandbox: it interprets the flat list of operations in
 * `envprobe_launch.setup`, clones the program, which interprets `envprobe_launch.program`, and stays to reap, to open
 * sockets inside the network namespace on request, and to take everything down with it when its peer goes away.
 *
 * Every function returns -errno on failure. Nothing here allocates, uses stdio or calls exit(3). */
#ifndef ENVPROBE_SANDBOX_H
#define ENVPROBE_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What an operation does, and which fields it reads. Fields that are not named are not read. */
enum envprobe_code {
  ENVPROBE_WRITE = 1,      /* write `text` to the file `path`, which exists */
  ENVPROBE_AWAIT,          /* wait for the parent's word that it has done its part */
  ENVPROBE_BECOME,         /* user x and group y; without supplementary groups where z is set */
  ENVPROBE_MOUNT,          /* a file system of type `source` on `path`, flags x, options `text` */
  ENVPROBE_BIND,           /* the tree `source` on `path`, with everything mounted below it */
  ENVPROBE_ATTACH,         /* the detached mount in descriptor x on `path` */
  ENVPROBE_ATTRIBUTES,     /* mount attributes of `path`: set x, clear y, for the whole tree where z is set */
  ENVPROBE_PROPAGATION,    /* mount(2) propagation flags x for the whole tree at `path` */
  ENVPROBE_FOLDER,         /* create the folder `path` with mode x, unless there is one */
  ENVPROBE_FILE,           /* create the file `path` with mode x, unless there is one, and write `bytes` to it */
  ENVPROBE_LINK,           /* create the symbolic link `path` to `source` */
  ENVPROBE_WHITEOUT,       /* create at `path` what an overlay shows as absent */
  ENVPROBE_ROOT,           /* make the mount point `path` the root and detach what was the root */
  ENVPROBE_HOSTNAME,       /* the UTS name is `text` */
  ENVPROBE_NETLINK,        /* send `bytes`: x route-netlink requests, each of which asks for an acknowledgement */
  ENVPROBE_CLOCKS,         /* processes that are made from now on have a time namespace of their own */
  ENVPROBE_TERMINAL,       /* a new terminal from the multiplexer `path`, x columns and y rows, and a session for it */
  ENVPROBE_DISGUISE,       /* process 1 shows neither its origin's arguments nor its memory */
  ENVPROBE_SESSION,        /* a session of its own */
  ENVPROBE_CONTROL,        /* a process group of its own, in the new terminal's foreground, with that for standard input, output and error */
  ENVPROBE_DUPLICATE,      /* descriptor x becomes descriptor y */
  ENVPROBE_OPEN,           /* `path`, opened with flags x, becomes descriptor y */
  ENVPROBE_CHANGE_FOLDER,  /* the working directory is `path` */
  ENVPROBE_UMASK,          /* the file mode creation mask is x */
  ENVPROBE_LIMIT,          /* soft and hard limit of resource x are y and z */
  ENVPROBE_SIGNALS,        /* every signal has its default action and none is blocked */
  ENVPROBE_DROP,           /* no capability, in no set */
  ENVPROBE_NO_PRIVILEGES,  /* no_new_privs */
  ENVPROBE_EXPOSE,         /* the memory of this process may be read by its owner */
  ENVPROBE_FILTER,         /* the system call filter `bytes`; with a listener where x is set; y: it lets futex(2) pass */
  ENVPROBE_EXECUTE,        /* execute `path` with the launch's arguments and environment */
};

/* The operation may fail: the failure is reported and the next operation follows. */
#define ENVPROBE_OPTIONAL 1u

struct envprobe_operation {
  uint32_t code;
  uint32_t flags;
  uint64_t x, y, z;
  const char *path;
  const char *source;
  const char *text;
  const void *bytes;
  size_t length;
};

struct envprobe_launch {
  const struct envprobe_operation *setup;
  size_t setup_count;
  const struct envprobe_operation *program;
  size_t program_count;
  const char *const *arguments;
  const char *const *environment;
  /* The descriptors that process 1 may keep, ascending; every other one is closed at once. Those of the two sockets
   * below are among them. */
  const int *kept;
  size_t kept_count;
  int control; /* its end of a SOCK_SEQPACKET pair on which it is asked */
  int reports; /* its end of a SOCK_SEQPACKET pair on which it tells */
};

/* What process 1 tells. */
enum envprobe_report_kind {
  ENVPROBE_FAILED = 1, /* operation `index` of list `list` failed with `number`; the launch is over */
  ENVPROBE_DEGRADED,   /* an optional operation failed */
  ENVPROBE_STARTED,    /* the program waits in execve; the descriptors that `listener` and `terminal` announce follow */
  ENVPROBE_EXITED,     /* the program ended; `number` is its wait status */
  ENVPROBE_STOPPED,    /* the program was stopped on its terminal; `number` is the signal */
  ENVPROBE_GONE,       /* no process is left inside */
};
enum envprobe_list { ENVPROBE_SETUP = 0, ENVPROBE_PROGRAM = 1 };

struct envprobe_report {
  uint32_t kind;
  uint32_t list;
  uint32_t index;
  int32_t number;
  uint32_t listener, terminal;
  /* Of everything reaped so far: microseconds and kilobytes. */
  uint64_t user_time, system_time, peak_memory;
};

/* What process 1 is asked. */
enum envprobe_request_kind {
  ENVPROBE_GO = 1, /* answers ENVPROBE_AWAIT */
  ENVPROBE_LISTEN, /* a socket inside; the answer is int32_t: 0 with the descriptor, or -errno */
  ENVPROBE_SIGNAL, /* send signal `number` to the program */
  ENVPROBE_FINISH, /* end every process inside */
  ENVPROBE_SURVEY, /* a netlink socket that tells of the sockets inside (sock_diag(7)); answered as ENVPROBE_LISTEN */
};

struct envprobe_request {
  uint32_t kind;
  uint32_t number;
  uint16_t datagram; /* 0: a listening TCP socket, 1: a bound UDP socket */
  uint16_t port;     /* host order; 0 lets the kernel choose */
  uint32_t family;   /* 4 or 6: bind `address`; 0: the wildcard of both */
  uint8_t address[16];
};

/* Clones process 1 into namespaces of every kind. Returns its process id as the caller sees it, and stores a pidfd. */
pid_t envprobe_clone(const struct envprobe_launch *launch, int *pidfd);

/* Receives a report with up to two descriptors (-1 where there are fewer): 1, or 0 when process 1 is gone. Where it
 * is not to wait and there is none: -EAGAIN. */
int envprobe_receive_report(int reports, int waits, struct envprobe_report *report, int descriptors[2]);

int envprobe_send_request(int control, const struct envprobe_request *request);

/* Asks for a socket inside and returns its descriptor. */
int envprobe_request_listener(int control, const struct envprobe_request *request);

/* A SOCK_SEQPACKET pair, close-on-exec. */
int envprobe_socket_pair(int pair[2]);

/* A descriptor of a user namespace with these maps, for an id-mapped mount. Needs CAP_SETUID and CAP_SETGID here. */
int envprobe_user_namespace(const char *uid_map, const char *gid_map);

/* A detached copy of the mount tree at `path`. Needs CAP_SYS_ADMIN over the mount namespace. */
int envprobe_detached_mount(const char *path);

/* Shows the detached mount `mount` with the ids of user namespace `namespace`. */
int envprobe_map_mount(int mount, int namespace);

/* Signals a process by its pidfd. */
int envprobe_signal(int pidfd, int signal);

/* Reaps a child. Returns its wait status, or -EAGAIN where it is not to wait and the child has not ended. */
int envprobe_reap(pid_t pid, int waits);

/* Whether `path` is on an overlay file system. */
int envprobe_is_overlay(const char *path);

/* A pipe, close-on-exec. */
int envprobe_pipe(int ends[2]);

/* A file in memory, close-on-exec. */
int envprobe_memory_file(const char *name);

/* Whether `bytes` hold `sought`. */
int envprobe_contains(const void *bytes, size_t length, const void *sought, size_t sought_length);

/* Such as "2.36". */
const char *envprobe_libc_version(void);

/* The seconds of CLOCK_BOOTTIME, and of CLOCK_MONOTONIC, which does not count those that the machine slept. */
int64_t envprobe_boot_seconds(void);
int64_t envprobe_monotonic_seconds(void);

/* The window size of the terminal `descriptor`, 0 or -errno. */
int envprobe_window_size(int descriptor, uint16_t *columns, uint16_t *rows);
int envprobe_set_window_size(int descriptor, uint16_t columns, uint16_t rows);

#endif
