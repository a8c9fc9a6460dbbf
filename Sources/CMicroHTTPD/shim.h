#pragma once
#include <microhttpd.h>

// Swift's Glibc module leaves these two out.
#include <sys/epoll.h>
#include <sys/eventfd.h>

#pragma clang assume_nonnull begin

// MHD_start_daemon is variadic, which Swift does not import. The options that every Swapline
// server sets stand here; the numbers come from Swift.
static inline struct MHD_Daemon *_Nullable swapline_start(
    int listening_socket, unsigned int connections, unsigned int idle_seconds,
    size_t memory_per_connection, void *context, MHD_AccessHandlerCallback on_access,
    void *_Nullable (*on_target)(
        void *_Nullable, const char *_Nullable, struct MHD_Connection *_Nullable),
    MHD_RequestCompletedCallback on_completed, MHD_NotifyConnectionCallback on_connection) {
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_access, context,
      MHD_OPTION_LISTEN_SOCKET, listening_socket,
      MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_per_connection,
      MHD_OPTION_URI_LOG_CALLBACK, on_target, context,
      MHD_OPTION_NOTIFY_COMPLETED, on_completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, on_connection, context,
      MHD_OPTION_END);
}

// The answer is a union behind a variadic function. -1 when there is no socket.
static inline int swapline_connection_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *_Nullable info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

// As above, for how many bytes the head of the request has as it came, from the first of the method
// to the last of the empty line. 0 while it is not whole.
static inline size_t swapline_head_size(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *_Nullable info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info ? info->header_size : 0;
}

// As above, for the client's address.
static inline const struct sockaddr *_Nullable swapline_client(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *_Nullable info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

// As above, for what `on_connection` left with the connection.
static inline void *_Nullable swapline_connection_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *_Nullable info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

#pragma clang assume_nonnull end
