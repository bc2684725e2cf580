#pragma once
// What Swift's importer cannot see of libcurl: variadic functions, one wrapper per argument type.
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

static inline CURLcode fil_curl_set_long(CURL *h, CURLoption o, long v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode fil_curl_set_text(CURL *h, CURLoption o, const char *v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode fil_curl_set_list(CURL *h, CURLoption o, struct curl_slist *v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode fil_curl_set_body(CURL *h, const void *bytes, int64_t count) {
  CURLcode code = curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  return code ? code : curl_easy_setopt(h, CURLOPT_COPYPOSTFIELDS, bytes);
}

typedef size_t (*fil_curl_data_fn)(char *, size_t, size_t, void *);
static inline void fil_curl_set_sinks(
    CURL *h, fil_curl_data_fn head, fil_curl_data_fn body, void *context) {
  curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, head);
  curl_easy_setopt(h, CURLOPT_HEADERDATA, context);
  curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, body);
  curl_easy_setopt(h, CURLOPT_WRITEDATA, context);
}

typedef int (*fil_curl_close_fn)(void *, curl_socket_t);
typedef curl_socket_t (*fil_curl_open_fn)(void *, curlsocktype, struct curl_sockaddr *);
static inline void fil_curl_set_sockets(
    CURL *h, fil_curl_open_fn open, fil_curl_close_fn close, void *context) {
  curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open);
  curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, context);
  curl_easy_setopt(h, CURLOPT_CLOSESOCKETFUNCTION, close);
  curl_easy_setopt(h, CURLOPT_CLOSESOCKETDATA, context);
}

static inline long fil_curl_get_long(CURL *h, CURLINFO i) {
  long v = 0;
  curl_easy_getinfo(h, i, &v);
  return v;
}
static inline int64_t fil_curl_get_number(CURL *h, CURLINFO i) {
  curl_off_t v = 0;
  curl_easy_getinfo(h, i, &v);
  return v;
}
// CURLMsg.data is an anonymous union.
static inline CURLcode fil_curl_result(const CURLMsg *m) { return m->data.result; }

// TCP_INFO as Linux fills it: glibc's struct tcp_info ends before the byte counters. The offsets
// are those of <linux/tcp.h>, which cannot be included next to <netinet/tcp.h>.
static inline int fil_tcp_bytes(int fd, uint64_t *received, uint64_t *sent) {
  unsigned char info[256];
  socklen_t size = sizeof info;
  uint64_t out, again;
  if (getsockopt(fd, 6 /* TCP */, 11 /* TCP_INFO */, info, &size) != 0 || size < 216) return 0;
  memcpy(received, info + 128, 8);
  memcpy(&out, info + 200, 8);
  memcpy(&again, info + 208, 8);
  *sent = out - again;
  // The peer's FIN takes one number of the sequence, and is no byte. The states after it:
  // TIME_WAIT 6, CLOSE_WAIT 8, LAST_ACK 9, CLOSING 11.
  if (*received > 0 && (info[0] == 6 || info[0] == 8 || info[0] == 9 || info[0] == 11))
    *received -= 1;
  return 1;
}

static inline int fil_open_socket(
    const struct curl_sockaddr *a, int receive_buffer, int segment) {
  int s = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
  // Announced to the peer when the connection is made.
  if (s >= 0 && segment > 0) setsockopt(s, 6 /* TCP */, 2 /* TCP_MAXSEG */, &segment, sizeof segment);
  if (s >= 0 && receive_buffer > 0)
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  return s;
}
