// Makes system calls and prints what it did, in the form in which the test prints the trace: `name|argument|…`.
//
//   probe MODE [ARGUMENT…]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Straight to the pipe: stdio would make calls of its own.
static void say(const char *format, ...) {
  static char line[16384];
  va_list list;
  va_start(list, format);
  int length = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  if (write(1, line, (size_t)length) != length) _exit(90);
}

static void files(void) {
  int usr = open("/usr", O_PATH | O_DIRECTORY);
  say("openat|/usr|O_RDONLY+O_DIRECTORY+O_PATH\n");
  syscall(SYS_openat, usr, "lib/os-release", O_RDONLY | O_CLOEXEC);
  say("openat|/usr/lib/os-release|O_RDONLY+O_CLOEXEC\n");
  syscall(SYS_openat, AT_FDCWD, "/proc/self/comm", O_RDONLY);
  say("openat|/proc/%d/comm|O_RDONLY\n", getpid());
  syscall(SYS_openat, AT_FDCWD, "/proc/thread-self/comm", O_RDONLY);
  say("openat|/proc/%d/task/%d/comm|O_RDONLY\n", getpid(), (int)syscall(SYS_gettid));
  syscall(SYS_openat, AT_FDCWD, "/proc/selfish", O_RDONLY);
  say("openat|/proc/selfish|O_RDONLY\n");
  syscall(SYS_openat, AT_FDCWD, "/nonexistent/x", O_WRONLY | O_CREAT | O_TRUNC, 0640);
  say("openat|/nonexistent/x|O_WRONLY+O_CREAT+O_TRUNC|%d\n", 0640);
  if (chdir("/usr/lib")) _exit(91);
  say("chdir|/usr/lib\n");
  struct stat st;
  syscall(SYS_newfstatat, AT_FDCWD, "os-release", &st, AT_SYMLINK_NOFOLLOW);
  say("newfstatat|/usr/lib/os-release|AT_SYMLINK_NOFOLLOW\n");
  syscall(SYS_newfstatat, usr, "", &st, AT_EMPTY_PATH);
  say("newfstatat|/usr|AT_EMPTY_PATH\n");
  syscall(SYS_newfstatat, usr, "", &st, 0);
  say("newfstatat||\n");
  syscall(SYS_newfstatat, 77, "x", &st, 0);
  say("newfstatat|!EBADF|\n");
  syscall(SYS_faccessat, AT_FDCWD, "../share", R_OK | X_OK);
  say("faccessat|/usr/lib/../share|R_OK+X_OK\n");
  syscall(SYS_access, "/", F_OK);
  say("access|/|F_OK\n");
  struct open_how how = {.flags = O_RDONLY | O_DIRECTORY, .resolve = RESOLVE_BENEATH};
  syscall(SYS_openat2, usr, "share", &how, sizeof how);
  say("openat2|/usr/share|O_RDONLY+O_DIRECTORY|%d\n", (int)sizeof how);
  char link[64];
  syscall(SYS_readlink, "/proc/self/exe", link, sizeof link);
  say("readlink|/proc/%d/exe|%d\n", getpid(), (int)sizeof link);
  syscall(SYS_symlinkat, "../some where", usr, "nowhere/else");
  say("symlinkat|../some where|/usr/nowhere/else\n");
  syscall(SYS_renameat2, usr, "no-a", AT_FDCWD, "no-b", 1);
  say("renameat2|/usr/no-a|/usr/lib/no-b|RENAME_NOREPLACE\n");
  syscall(SYS_unlinkat, usr, "no-a", AT_REMOVEDIR);
  say("unlinkat|/usr/no-a|AT_REMOVEDIR\n");
  syscall(SYS_openat, AT_FDCWD, "/tmp/not\377utf8", O_RDONLY);
  say("openat|/tmp/not\377utf8|O_RDONLY\n");
  syscall(SYS_utimensat, usr, NULL, NULL, 0);
  say("utimensat|/usr|\n");
}

// What each path means when it is named: `name|target…`, the target `.` for the path itself.
static void targets(const char *folder) {
  if (chdir(folder)) _exit(91);
  struct stat st;
  char link[64];
  access("there", F_OK), say("access|-\n");
  mkdir("there", 0755), say("mkdir|-\n");
  access("there", F_OK), say("access|.\n");
  access("there/../there", F_OK), say("access|%s/there\n", folder);
  access("there/none/..", F_OK), say("access|-\n");
  int made = open("made", O_CREAT | O_EXCL | O_WRONLY, 0600);
  say("openat|-\n");
  open("made", O_RDONLY), say("openat|.\n");
  open("made/below", O_RDONLY), say("openat|-\n");
  symlink("made", "link"), say("symlink|-\n");
  open("link", O_RDONLY), say("openat|%s/made\n", folder);
  open("link", O_RDONLY | O_NOFOLLOW), say("openat|.\n");
  syscall(SYS_newfstatat, AT_FDCWD, "link", &st, 0), say("newfstatat|%s/made\n", folder);
  syscall(SYS_newfstatat, AT_FDCWD, "link", &st, AT_SYMLINK_NOFOLLOW), say("newfstatat|.\n");
  readlink("link", link, sizeof link), say("readlink|.\n");
  unlink("made"), say("unlink|.\n");
  open("link", O_RDONLY), say("openat|-\n");
  syscall(SYS_newfstatat, AT_FDCWD, "link", &st, AT_SYMLINK_NOFOLLOW), say("newfstatat|.\n");
  rename("link", "moved"), say("rename|.|-\n");
  access("link", F_OK), say("access|-\n");
  symlink("self", "self"), say("symlink|-\n");
  access("self", F_OK), say("access|-\n");
  unlink("moved"), say("unlink|.\n");
  unlink("self"), say("unlink|.\n");
  // Nothing that was found once is told again when it is not so any more.
  for (int i = 0; i < 500; i++) {
    close(open("there/again", O_CREAT | O_WRONLY, 0600)), say("openat|-\n");
    access("there/again", F_OK), say("access|.\n");
    unlink("there/again"), say("unlink|.\n");
    access("there/again", F_OK), say("access|-\n");
  }
  rmdir("there"), say("rmdir|.\n");
  access("/proc/self/exe", F_OK), say("access|.\n");
  access("/proc/self/none", F_OK), say("access|-\n");
  symlink("/proc/self/comm", "own"), say("symlink|-\n");
  access("own", F_OK), say("access|/proc/%d/comm\n", getpid());
  unlink("own"), say("unlink|.\n");
  access("/", F_OK), say("access|.\n");
  access("", F_OK), say("access|-\n");
  access((char *)8, F_OK), say("access\n");
  syscall(SYS_newfstatat, made, "", &st, AT_EMPTY_PATH), say("newfstatat\n");
}

static void place(uint16_t port, int family, struct sockaddr_storage *out, const char *text) {
  memset(out, 0, sizeof *out);
  if (family == AF_INET) {
    struct sockaddr_in *in = (void *)out;
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    inet_pton(AF_INET, text, &in->sin_addr);
  } else {
    struct sockaddr_in6 *in = (void *)out;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    inet_pton(AF_INET6, text, &in->sin6_addr);
  }
}

static void sockets(void) {
  struct sockaddr_storage to;
  int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  say("socket|AF_INET|SOCK_STREAM+SOCK_NONBLOCK+SOCK_CLOEXEC|0\n");
  place(9, AF_INET, &to, "127.0.0.1");
  connect(stream, (void *)&to, sizeof(struct sockaddr_in));
  say("connect|%d|inet 127.0.0.1:9|%d\n", stream, (int)sizeof(struct sockaddr_in));
  int stream6 = socket(AF_INET6, SOCK_STREAM, 0);
  say("socket|AF_INET6|SOCK_STREAM|0\n");
  place(443, AF_INET6, &to, "::1");
  connect(stream6, (void *)&to, sizeof(struct sockaddr_in6));
  say("connect|%d|inet6 ::1:443|%d\n", stream6, (int)sizeof(struct sockaddr_in6));
  place(80, AF_INET6, &to, "2001:db8:0:0:1::9");
  connect(stream6, (void *)&to, sizeof(struct sockaddr_in6));
  say("connect|%d|inet6 2001:db8::1:0:0:9:80|%d\n", stream6, (int)sizeof(struct sockaddr_in6));
  int local = socket(AF_UNIX, SOCK_STREAM, 0);
  say("socket|AF_UNIX|SOCK_STREAM|0\n");
  struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/nobody/socket"};
  connect(local, (void *)&un, sizeof un);
  say("connect|%d|unix /run/nobody/socket|%d\n", local, (int)sizeof un);
  memcpy(un.sun_path, "\0abstract", 9);
  connect(local, (void *)&un, offsetof(struct sockaddr_un, sun_path) + 9);
  say("connect|%d|unix @abstract|%d\n", local, (int)offsetof(struct sockaddr_un, sun_path) + 9);
  int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  say("socket|AF_NETLINK|SOCK_RAW+SOCK_CLOEXEC|0\n");
  struct sockaddr_nl nl = {.nl_family = AF_NETLINK, .nl_groups = 5};
  bind(netlink, (void *)&nl, sizeof nl);
  say("bind|%d|netlink 5|%d\n", netlink, (int)sizeof nl);
  int datagram = socket(AF_INET, SOCK_DGRAM, 0);
  say("socket|AF_INET|SOCK_DGRAM|0\n");
  place(53, AF_INET, &to, "127.0.0.2");
  sendto(datagram, "x", 1, MSG_DONTWAIT, (void *)&to, sizeof(struct sockaddr_in));
  say("sendto|%d|1|%d|inet 127.0.0.2:53|%d\n", datagram, MSG_DONTWAIT, (int)sizeof(struct sockaddr_in));
  struct iovec piece = {"y", 1};
  struct msghdr header = {.msg_name = &to, .msg_namelen = sizeof(struct sockaddr_in), .msg_iov = &piece, .msg_iovlen = 1};
  sendmsg(datagram, &header, 0);
  say("sendmsg|%d|inet 127.0.0.2:53|0\n", datagram);
  struct sockaddr_storage other;
  place(5353, AF_INET, &other, "127.0.0.3");
  struct mmsghdr many[2] = {{.msg_hdr = header}, {.msg_hdr = header}};
  many[1].msg_hdr.msg_name = &other;
  sendmmsg(datagram, many, 2, 0);
  say("sendmmsg|%d|inet 127.0.0.2:53|inet 127.0.0.3:5353|2|0\n", datagram);
  header.msg_name = NULL;
  sendmsg(datagram, &header, 0);
  say("sendmsg|%d|0\n", datagram);
  connect(datagram, NULL, 0);
  say("connect|%d|0\n", datagram);
}

static void hostile(void) {
  syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY);
  say("openat|!EFAULT|O_RDONLY\n");
  syscall(SYS_openat, AT_FDCWD, (char *)8, O_RDONLY);
  say("openat|!EFAULT|O_RDONLY\n");
  syscall(SYS_openat, AT_FDCWD, (char *)-1L, O_RDONLY);
  say("openat|!EFAULT|O_RDONLY\n");
  syscall(SYS_openat, AT_FDCWD, (char *)0xffffffff81000000UL, O_RDONLY);
  say("openat|!EFAULT|O_RDONLY\n");
  syscall(SYS_openat, AT_FDCWD, (char *)0x00007ffffffff000UL, O_RDONLY);
  say("openat|!EFAULT|O_RDONLY\n");
  // Two pages of which the second is not mapped.
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  memset(pages, 'a', 4096);
  memcpy(pages + 4088, "/edge-x", 8);
  syscall(SYS_openat, AT_FDCWD, pages + 4088, O_RDONLY);
  say("openat|/edge-x|O_RDONLY\n");
  memcpy(pages + 4088, "/no-end!", 8);
  syscall(SYS_openat, AT_FDCWD, pages + 4088, O_RDONLY);
  say("openat|!EFAULT|O_RDONLY\n");
  // A long path across page boundaries, and one that is longer than any path may be.
  char *big = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(big, 'b', 5 * 4096 - 1);
  char *path = big + 4000;
  path[0] = '/';
  path[4095] = 0;
  syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
  say("openat|%s|O_RDONLY\n", path);
  path[4095] = 'b';
  syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
  say("openat|%.4096s...|O_RDONLY\n", path);
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = 1};
  syscall(SYS_connect, 5, (void *)8, sizeof in);
  say("connect|5|!EFAULT|%d\n", (int)sizeof in);
  syscall(SYS_connect, 5, &in, 4000);
  say("connect|5|!EINVAL|4000\n");
  syscall(SYS_connect, 5, &in, -1);
  say("connect|5|!EINVAL|-1\n");
  syscall(SYS_connect, 5, &in, 1);
  say("connect|5|none |1\n");
  syscall(SYS_connect, 5, &in, 4);
  say("connect|5|inet |4\n");
  syscall(SYS_sendmsg, 5, (void *)8, 0);
  say("sendmsg|5|!EFAULT|0\n");
  syscall(SYS_execve, (char *)8, NULL, NULL);
  say("execve|!EFAULT||\n");
  char *vector[] = {"a", (char *)8, NULL};
  syscall(SYS_execve, "/no/such", vector, (char **)8);
  say("execve|/no/such|a...|!EFAULT\n");
  syscall(SYS_execve, "/no/such", NULL, NULL);
  say("execve|/no/such||\n");
}

static void run(char **argv, char **envp) {
  if (!strcmp(argv[2], "exec")) execve(argv[3], argv + 3, envp);
  if (!strcmp(argv[2], "vfork")) {
    pid_t child = vfork();
    if (child == 0) {
      execve(argv[3], argv + 3, envp);
      _exit(92);
    }
    int status;
    waitpid(child, &status, 0);
    _exit(WEXITSTATUS(status));
  }
  if (!strcmp(argv[2], "fork")) {
    pid_t child = fork();
    if (child == 0) {
      syscall(SYS_access, "/from-the-child", F_OK);
      execve(argv[3], argv + 3, envp);
      _exit(92);
    }
    int status;
    waitpid(child, &status, 0);
    // The memory file that was opened for this process must still be its own.
    syscall(SYS_access, "/from-the-parent", F_OK);
    _exit(WEXITSTATUS(status));
  }
  if (!strcmp(argv[2], "fexec")) {
    int file = open(argv[3], O_PATH);
    syscall(SYS_execveat, file, "", argv + 3, envp, AT_EMPTY_PATH);
  }
  _exit(93);
}

static char **exec_argv, **exec_envp;

static void *exec_from_thread(void *unused) {
  (void)unused;
  // So that the leader is heard first.
  usleep(20000);
  execve(exec_argv[3], exec_argv + 3, exec_envp);
  return NULL;
}

static void thread_exec(char **argv, char **envp) {
  exec_argv = argv;
  exec_envp = envp;
  pthread_t thread;
  pthread_create(&thread, NULL, exec_from_thread, NULL);
  for (;;) syscall(SYS_access, "/from-the-leader", F_OK);
}

static void *look(void *number) {
  char path[32];
  for (int i = 0; i < 50; i++) {
    snprintf(path, sizeof path, "/thread-%ld-%d", (long)number, i);
    syscall(SYS_access, path, F_OK);
  }
  return NULL;
}

static void threads(void) {
  pthread_t all[4];
  for (long i = 0; i < 4; i++) pthread_create(all + i, NULL, look, (void *)i);
  for (int i = 0; i < 4; i++) pthread_join(all[i], NULL);
}

static void handle(int signal) { (void)signal; }

// Signals with SA_RESTART while calls wait: the kernel makes them again.
static void restarted(void) {
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval often = {{0, 700}, {0, 700}};
  setitimer(ITIMER_REAL, &often, NULL);
  char path[32];
  for (int i = 0; i < 3000; i++) {
    snprintf(path, sizeof path, "/restarted-%d", i);
    syscall(SYS_access, path, F_OK);
  }
  struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &never, NULL);
}

static long i386(long number, long a, long b, long c, long d, long e) {
  long result;
  __asm__ volatile(
      "int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory", "r8", "r9", "r10", "r11");
  return result;
}

// The 32-bit entry of the kernel, from a 64-bit program; everything it points to lies below 4 GiB.
static void compat(void) {
  char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  strcpy(low, "/etc/hostname");
  i386(5, (long)low, 0, 0, 0, 0);
  say("i386.open|/etc/hostname|O_RDONLY\n");
  struct sockaddr_in *to = (void *)(low + 64);
  to->sin_family = AF_INET;
  to->sin_port = htons(7);
  to->sin_addr.s_addr = htonl(0x7f000001);
  uint32_t *words = (void *)(low + 128);
  words[0] = 5;
  words[1] = (uint32_t)(uintptr_t)to;
  words[2] = sizeof *to;
  i386(102, 3, (long)words, 0, 0, 0);
  say("i386.connect|5|inet 127.0.0.1:7|16\n");
  uint32_t *header = (void *)(low + 256);
  header[0] = (uint32_t)(uintptr_t)to;
  header[1] = sizeof *to;
  words[1] = (uint32_t)(uintptr_t)header;
  words[2] = 0;
  i386(102, 16, (long)words, 0, 0, 0);
  say("i386.sendmsg|5|inet 127.0.0.1:7|0\n");
  uint32_t *argv = (void *)(low + 512);
  argv[0] = (uint32_t)(uintptr_t)low;
  argv[1] = 0;
  i386(11, (long)(low + 4), (long)argv, 0, 0, 0);
  say("execve|/hostname|/etc/hostname|\n");
}

static void denied(void) {
  char parameters[256] = {0};
  long result = syscall(425, 4, parameters);
  say("io_uring_setup|4|denied ENOSYS\n");
  if (result != -1 || errno != ENOSYS) _exit(94);
  result = syscall(SYS_mount, "none", "/mnt", "tmpfs", 1, NULL);
  say("mount|none|/mnt|tmpfs|MS_RDONLY|denied EPERM\n");
  if (result != -1 || errno != EPERM) _exit(95);
}

static void clones(void) {
  int status;
  pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_VFORK, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  waitpid(child, &status, 0);
  say("clone|SIGCHLD+CLONE_VFORK\n");
  struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, rest[6]; } args = {.exit_signal = SIGCHLD};
  args.flags = 0x100000000ULL;
  child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) _exit(0);
  waitpid(child, &status, 0);
  say("clone3|CLONE_CLEAR_SIGHAND|%d\n", (int)sizeof args);
  unshare(CLONE_NEWUSER);
  say("unshare|CLONE_NEWUSER\n");
  syscall(SYS_prctl, 38, 1, 0, 0, 0);
  say("prctl|PR_SET_NO_NEW_PRIVS\n");
  syscall(SYS_kill, getpid(), 0);
  say("kill|%d|0\n", getpid());
  syscall(SYS_ptrace, 99999, -1, 0, 0);
  say("ptrace|0x1869f|-1\n");
  syscall(SYS_sethostname, "devbox-17", 6);
  say("sethostname|devbox|6\n");
  syscall(460, 1, 2, 3, 4, 5, 6);
  say("syscall_460|1|2|3|4|5|6\n");
}

// What the recorder costs: opens of a file that is there.
static void opens(long count) {
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (long i = 0; i < count; i++) close((int)syscall(SYS_openat, AT_FDCWD, "/usr/lib/os-release", O_RDONLY));
  clock_gettime(CLOCK_MONOTONIC, &b);
  say("%.3f\n", ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / (double)count / 1000);
}

int main(int argc, char **argv, char **envp) {
  if (argc < 2) return 64;
  const char *mode = argv[1];
  if (!strcmp(mode, "files")) files();
  if (!strcmp(mode, "targets")) targets(argv[2]);
  if (!strcmp(mode, "sockets")) sockets();
  if (!strcmp(mode, "hostile")) hostile();
  if (!strcmp(mode, "run")) run(argv, envp);
  if (!strcmp(mode, "thread-exec")) thread_exec(argv, envp);
  if (!strcmp(mode, "threads")) threads();
  if (!strcmp(mode, "restarted")) restarted();
  if (!strcmp(mode, "compat")) compat();
  if (!strcmp(mode, "denied")) denied();
  if (!strcmp(mode, "clones")) clones();
  if (!strcmp(mode, "opens")) opens(atol(argv[2]));
  if (!strcmp(mode, "access")) syscall(SYS_access, argv[2], F_OK);
  if (!strcmp(mode, "chdir-open")) {
    if (chdir(argv[2])) return 96;
    syscall(SYS_openat, AT_FDCWD, argv[3], O_RDONLY);
  }
  return 0;
}
