#pragma once
// What Swift's importer cannot see of libmicrohttpd: variadic functions and unions.
#include <arpa/inet.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/eventfd.h>  // not in the Glibc module
#include <sys/socket.h>

struct fil_mhd_options {
  int listen_socket;
  unsigned int threads, connections, per_address, idle_seconds;
  size_t memory;
  MHD_AccessHandlerCallback handler;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  void *(*target)(void *, const char *, struct MHD_Connection *);
  void *context;
};

// The path and the query are left as they came.
static inline size_t fil_mhd_no_unescape(void *c, struct MHD_Connection *k, char *s) {
  (void)c, (void)k;
  return strlen(s);
}

static inline void fil_mhd_quiet(void *c, const char *format, va_list arguments) {
  (void)c, (void)format, (void)arguments;
}

static inline struct MHD_Daemon *fil_mhd_start(const struct fil_mhd_options *o) {
  struct MHD_OptionItem pool[] = {
      {o->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)o->threads, NULL},
      {MHD_OPTION_END, 0, NULL}};
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL, NULL,
      o->handler, o->context, MHD_OPTION_LISTEN_SOCKET, o->listen_socket,
      MHD_OPTION_CONNECTION_LIMIT, o->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
      o->per_address, MHD_OPTION_CONNECTION_TIMEOUT, o->idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->memory, MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_NOTIFY_COMPLETED, o->completed, o->context, MHD_OPTION_NOTIFY_CONNECTION,
      o->connection, o->context, MHD_OPTION_URI_LOG_CALLBACK, o->target, o->context,
      MHD_OPTION_UNESCAPE_CALLBACK, fil_mhd_no_unescape, NULL, MHD_OPTION_EXTERNAL_LOGGER,
      fil_mhd_quiet, NULL, MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
}

static inline int fil_mhd_socket(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
  return i ? i->connect_fd : -1;
}

static inline void *fil_mhd_socket_context(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return i ? i->socket_context : NULL;
}

static inline int fil_mhd_peer(struct MHD_Connection *c, char *text, socklen_t size) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (!i || !i->client_addr) return 0;
  const void *address = i->client_addr->sa_family == AF_INET6
      ? (const void *)&((const struct sockaddr_in6 *)i->client_addr)->sin6_addr
      : (const void *)&((const struct sockaddr_in *)i->client_addr)->sin_addr;
  return inet_ntop(i->client_addr->sa_family, address, text, size) != NULL;
}
