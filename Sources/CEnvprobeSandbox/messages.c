/* Reports and requests between the parent and process 1: one datagram each, descriptors by SCM_RIGHTS. */
#include "sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static int send_with_descriptors(int socket, const void *bytes, size_t length, const int *descriptors, size_t count) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(2 * sizeof(int))];
  } ancillary = {0};
  struct iovec part = {(void *)bytes, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = &ancillary;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

/* Returns the number of bytes, 0 at the end; stores -1 for descriptors that did not come. */
static ssize_t receive_with_descriptors(
  int socket, int flags, void *bytes, size_t length, int *descriptors, size_t count) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(2 * sizeof(int))];
  } ancillary = {0};
  struct iovec part = {bytes, length};
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &ancillary, .msg_controllen = sizeof ancillary};
  for (size_t i = 0; i < count; i++) descriptors[i] = -1;
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
  while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_type == SCM_RIGHTS) {
    size_t came = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(descriptors, CMSG_DATA(header), (came < count ? came : count) * sizeof(int));
  }
  return received;
}

int envprobe_send_report(int reports, const struct envprobe_report *report, int first, int second) {
  int descriptors[2];
  size_t count = 0;
  if (first >= 0) descriptors[count++] = first;
  if (second >= 0) descriptors[count++] = second;
  return send_with_descriptors(reports, report, sizeof *report, descriptors, count);
}

int envprobe_receive_report(int reports, int waits, struct envprobe_report *report, int descriptors[2]) {
  ssize_t received =
    receive_with_descriptors(reports, waits ? 0 : MSG_DONTWAIT, report, sizeof *report, descriptors, 2);
  if (received == -ECONNRESET) return 0;
  if (received < 0) return (int)received;
  return received == sizeof *report;
}

int envprobe_send_request(int control, const struct envprobe_request *request) {
  return send_with_descriptors(control, request, sizeof *request, NULL, 0);
}

int envprobe_request_listener(int control, const struct envprobe_request *request) {
  int result = envprobe_send_request(control, request);
  if (result < 0) return result;
  int32_t answer = 0;
  int descriptor = -1;
  ssize_t received = receive_with_descriptors(control, 0, &answer, sizeof answer, &descriptor, 1);
  if (received < 0) return (int)received;
  if (received != sizeof answer) return -EPIPE;
  if (answer < 0) return answer;
  return descriptor < 0 ? -EPROTO : descriptor;
}

int envprobe_socket_pair(int pair[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ? -errno : 0;
}

int envprobe_answer_listener(int control, int32_t result) {
  int32_t answer = result < 0 ? result : 0;
  return send_with_descriptors(control, &answer, sizeof answer, &result, result >= 0);
}
