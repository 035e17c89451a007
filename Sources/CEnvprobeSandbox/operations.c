/* The interpreter of the operation lists. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "mounts.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* A libc call's result as 0 or -errno. */
static int checked(long result) { return result < 0 ? -errno : 0; }

static int write_text(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  size_t length = strlen(text);
  ssize_t written = write(file, text, length);
  int result = written == (ssize_t)length ? 0 : written < 0 ? -errno : -EIO;
  close(file);
  return result;
}

static int make_file(const char *path, mode_t mode, const char *bytes, size_t length) {
  if (length == 0) {
    int result = checked(mknod(path, S_IFREG | mode, 0));
    return result == -EEXIST ? 0 : result;
  }
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (file < 0) return -errno;
  int result = 0;
  while (length > 0 && result == 0) {
    ssize_t written = write(file, bytes, length);
    if (written < 0) {
      if (errno != EINTR) result = -errno;
      continue;
    }
    bytes += written;
    length -= (size_t)written;
  }
  close(file);
  return result;
}

static int await_parent(int control) {
  struct envprobe_request request;
  ssize_t received;
  do received = recv(control, &request, sizeof request, 0);
  while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  return received == sizeof request && request.kind == ENVPROBE_GO ? 0 : -ECANCELED;
}

static int become(uid_t user, gid_t group, int clear_groups) {
  /* The raw calls: glibc's would signal threads that do not exist in this process. */
  if (clear_groups && syscall(SYS_setgroups, 0, NULL)) return -errno;
  if (syscall(SYS_setresgid, group, group, group)) return -errno;
  if (syscall(SYS_setresuid, user, user, user)) return -errno;
  /* A change of user makes a process undumpable, and its own files in /proc would belong to nobody. */
  return checked(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int bind_tree(const char *source, const char *target) {
  int tree = envprobe_detached_mount(source);
  if (tree < 0) return tree;
  int result = checked(envprobe_move_mount(tree, target));
  close(tree);
  return result;
}

static int change_root(const char *root) {
  /* With both arguments the same folder the old root lands on top of the new one and needs no place of its own. */
  if (chdir(root)) return -errno;
  if (syscall(SYS_pivot_root, ".", ".")) return -errno;
  if (umount2(".", MNT_DETACH)) return -errno;
  return checked(chdir("/"));
}

static int send_netlink(const void *bytes, size_t length, size_t count) {
  int socket_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket_ < 0) return -errno;
  int result = send(socket_, bytes, length, 0) == (ssize_t)length ? 0 : -errno;
  _Alignas(struct nlmsghdr) char answer[4096];
  while (result == 0 && count > 0) {
    ssize_t received = recv(socket_, answer, sizeof answer, 0);
    if (received < 0) {
      if (errno == EINTR) continue;
      result = -errno;
      break;
    }
    for (ssize_t at = 0; received - at >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr));) {
      const struct nlmsghdr *header = (const void *)(answer + at);
      at += NLMSG_ALIGN(header->nlmsg_len);
      if (header->nlmsg_type != NLMSG_ERROR) continue;
      count--;
      int error = ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
      if (error && result == 0) result = error;
    }
  }
  close(socket_);
  return result;
}

static int open_terminal(struct interpreter *interpreter, const struct envprobe_operation *operation) {
  int master = open(operation->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) return -errno;
  int unlocked = 0;
  if (ioctl(master, TIOCSPTLCK, &unlocked)) return -errno;
  int terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return -errno;
  struct winsize size = {.ws_col = (unsigned short)operation->x, .ws_row = (unsigned short)operation->y};
  if (ioctl(master, TIOCSWINSZ, &size)) return -errno;
  /* The session is process 1's, as a login shell's is. Were it the program's own, its process group would be an orphaned
   * one, which Ctrl-Z does not stop. */
  if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0)) return -errno;
  interpreter->terminal_master = master;
  interpreter->terminal = terminal;
  return 0;
}

static int take_terminal(struct interpreter *interpreter) {
  /* As a shell starts a job. All signals are blocked here, or the second would stop us. */
  if (setpgid(0, 0) || tcsetpgrp(interpreter->terminal, getpid())) return -errno;
  for (int standard = 0; standard <= 2; standard++)
    if (dup2(interpreter->terminal, standard) < 0) return -errno;
  return 0;
}

static int duplicate(int from, int to) {
  if (from != to) return checked(dup2(from, to));
  int flags = fcntl(from, F_GETFD);
  return flags < 0 ? -errno : checked(fcntl(from, F_SETFD, flags & ~FD_CLOEXEC));
}

static int open_as(const char *path, int flags, int to) {
  int file = open(path, flags | O_CLOEXEC);
  if (file < 0) return -errno;
  int result = duplicate(file, to);
  if (file != to) close(file);
  return result;
}

static int reset_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++)
    if (number != SIGKILL && number != SIGSTOP) sigaction(number, &action, NULL);
  uint64_t none = 0;
  return checked(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none));
}

static int drop_capabilities(void) {
  for (int capability = 0; capability < 64; capability++)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)) {
      if (errno == EINVAL && capability > 0) break; /* past the kernel's last */
      return -errno;
    }
  /* The ambient set empties with the permitted one. */
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}};
  return checked(syscall(SYS_capset, &header, none));
}

static int install_filter(struct interpreter *interpreter, const struct envprobe_operation *operation) {
  struct sock_fprog program = {
    .len = (unsigned short)(operation->length / sizeof(struct sock_filter)), .filter = (void *)operation->bytes};
  if (!operation->x) return checked(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
  struct shared_page *shared = interpreter->shared;
  atomic_store(&shared->state, INSTALLING);
  envprobe_futex_wake(&shared->state);
  long listener = syscall(
    SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
    &program);
  if (listener < 0 && errno == EINVAL) /* before Linux 5.19 */
    listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (listener < 0) return -errno;
  /* From here on a system call may wait for a supervisor that does not have the listener yet. Process 1 shares the
   * descriptor table and watches this word; it is woken only where the filter lets that pass. */
  atomic_store(&shared->listener, (int32_t)listener);
  atomic_store(&shared->state, HELD);
  if (operation->y) envprobe_futex_wake(&shared->state);
  return 0;
}

/* The arguments and environment with which the parent was executed lie in memory of this process, and
 * /proc/1/cmdline shows them to everybody. */
static int disguise(void) {
  static const char name[] = "init";
  if (prctl(PR_SET_NAME, name, 0, 0, 0)) return -errno;
  char status[2048];
  int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  ssize_t length = read(file, status, sizeof status - 1);
  close(file);
  if (length <= 0) return -EIO;
  status[length] = 0;
  /* Field 2 is in parentheses and may hold anything; arg_start, arg_end, env_start and env_end are 48 to 51. */
  char *field = strrchr(status, ')');
  uintptr_t bounds[4] = {0};
  for (int number = 2; field && *field; number++) {
    field = strchr(field, ' ');
    if (!field) break;
    field++;
    if (number + 1 < 48 || number + 1 > 51) continue;
    for (const char *digit = field; *digit >= '0' && *digit <= '9'; digit++)
      bounds[number + 1 - 48] = bounds[number + 1 - 48] * 10 + (uintptr_t)(*digit - '0');
  }
  if (bounds[1] <= bounds[0] || bounds[3] < bounds[2]) return -ESRCH;
  memset((void *)bounds[0], 0, bounds[1] - bounds[0]);
  memset((void *)bounds[2], 0, bounds[3] - bounds[2]);
  if (bounds[1] - bounds[0] > sizeof name) {
    memcpy((void *)bounds[0], name, sizeof name);
    /* The kernel takes a last byte that is not zero as the sign of a rewritten title, which ends at the first zero. */
    *((char *)bounds[1] - 1) = '.';
  }
  return checked(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

static int tolerate(int result, int number) { return result == -number ? 0 : result; }

static int perform(struct interpreter *interpreter, const struct envprobe_operation *o) {
  switch ((enum envprobe_code)o->code) {
    case ENVPROBE_WRITE: return write_text(o->path, o->text);
    case ENVPROBE_AWAIT: return await_parent(interpreter->launch->control);
    case ENVPROBE_BECOME: return become((uid_t)o->x, (gid_t)o->y, (int)o->z);
    case ENVPROBE_MOUNT: return checked(mount(o->source, o->path, o->source, o->x, o->text));
    case ENVPROBE_BIND: return bind_tree(o->source, o->path);
    case ENVPROBE_ATTACH: return checked(envprobe_move_mount((int)o->x, o->path));
    case ENVPROBE_ATTRIBUTES: return checked(envprobe_set_attributes(o->path, o->x, o->y, o->z != 0));
    case ENVPROBE_PROPAGATION: return checked(mount(NULL, o->path, NULL, o->x, NULL));
    case ENVPROBE_FOLDER: return tolerate(checked(mkdir(o->path, (mode_t)o->x)), EEXIST);
    case ENVPROBE_FILE: return make_file(o->path, (mode_t)o->x, o->bytes, o->length);
    case ENVPROBE_WHITEOUT: return checked(mknod(o->path, S_IFCHR | 0600, makedev(0, 0)));
    case ENVPROBE_LINK: return checked(symlink(o->source, o->path));
    case ENVPROBE_ROOT: return change_root(o->path);
    case ENVPROBE_HOSTNAME: return checked(sethostname(o->text, strlen(o->text)));
    case ENVPROBE_NETLINK: return send_netlink(o->bytes, o->length, o->x);
    case ENVPROBE_CLOCKS: return checked(unshare(CLONE_NEWTIME));
    case ENVPROBE_TERMINAL: return open_terminal(interpreter, o);
    case ENVPROBE_DISGUISE: return disguise();
    case ENVPROBE_SESSION: return checked(setsid());
    case ENVPROBE_CONTROL: return take_terminal(interpreter);
    case ENVPROBE_DUPLICATE: return duplicate((int)o->x, (int)o->y);
    case ENVPROBE_OPEN: return open_as(o->path, (int)o->x, (int)o->y);
    case ENVPROBE_CHANGE_FOLDER: return checked(chdir(o->path));
    case ENVPROBE_UMASK: umask((mode_t)o->x); return 0;
    case ENVPROBE_LIMIT: return checked(setrlimit((int)o->x, &(struct rlimit){o->y, o->z}));
    case ENVPROBE_SIGNALS: return reset_signals();
    case ENVPROBE_DROP: return drop_capabilities();
    case ENVPROBE_NO_PRIVILEGES: return checked(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    case ENVPROBE_EXPOSE: return checked(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
    case ENVPROBE_FILTER: return install_filter(interpreter, o);
    case ENVPROBE_EXECUTE:
      return checked(execve(
        o->path, (char *const *)interpreter->launch->arguments, (char *const *)interpreter->launch->environment));
  }
  return -ENOSYS;
}

int envprobe_run(struct interpreter *interpreter, enum envprobe_list list) {
  const struct envprobe_launch *launch = interpreter->launch;
  const struct envprobe_operation *operations = list == ENVPROBE_SETUP ? launch->setup : launch->program;
  size_t count = list == ENVPROBE_SETUP ? launch->setup_count : launch->program_count;
  for (size_t index = 0; index < count; index++) {
    int result = perform(interpreter, &operations[index]);
    if (result >= 0) continue;
    int optional = operations[index].flags & ENVPROBE_OPTIONAL;
    struct envprobe_report report = {
      .kind = optional ? ENVPROBE_DEGRADED : ENVPROBE_FAILED,
      .list = list,
      .index = (uint32_t)index,
      .number = -result,
    };
    envprobe_send_report(launch->reports, &report, -1, -1);
    if (!optional) return result;
  }
  return 0;
}
