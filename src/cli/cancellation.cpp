#include "cli/cancellation.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/exit_code.hpp"

namespace cli {
namespace {

constexpr char kSignalByte = 's';
constexpr char kQuitByte = 'q';

int signal_pipe = -1;

void note_signal(int) {
  const int saved = errno;
  const ssize_t ignored = ::write(signal_pipe, &kSignalByte, 1);
  static_cast<void>(ignored);
  errno = saved;
}

// "@name" is a name in Linux's abstract namespace; anything else is a path.
int connect_plugin_socket(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() >= sizeof address.sun_path) {
    return -1;
  }
  std::memcpy(address.sun_path, name.data(), name.size());
  socklen_t length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (name.front() == '@') {
    address.sun_path[0] = '\0';
  } else {
    ++length;
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

// True while the other side is there.
bool drain(int fd) {
  std::array<char, 64> buffer{};
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  return count > 0 || (count < 0 && errno == EINTR);
}

}  // namespace

Cancellation::Cancellation(const util::Environment& environment) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return;  // signals keep their default action
  }
  pipe_read_ = ends[0];
  pipe_write_ = ends[1];
  signal_pipe = pipe_write_;
  if (const auto name = environment.non_empty("DOCKER_CLI_PLUGIN_SOCKET")) {
    plugin_socket_ = connect_plugin_socket(*name);
  }
  struct sigaction action{};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    ::sigaction(number, &action, nullptr);
  }
  watcher_ = std::thread([this] { watch(); });
}

Cancellation::~Cancellation() {
  if (!watcher_.joinable()) {
    return;
  }
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    ::signal(number, SIG_DFL);
  }
  const ssize_t ignored = ::write(pipe_write_, &kQuitByte, 1);
  static_cast<void>(ignored);
  watcher_.join();
  for (const int fd : {pipe_read_, pipe_write_, plugin_socket_}) {
    if (fd >= 0) {
      ::close(fd);
    }
  }
}

// docker's end of the socket and the signal may both announce the same Ctrl-C, in either order:
// they count once.
void Cancellation::watch() {
  bool by_signal = false;
  for (;;) {
    std::array<pollfd, 2> watched{pollfd{pipe_read_, POLLIN, 0}, pollfd{plugin_socket_, POLLIN, 0}};
    if (::poll(watched.data(), plugin_socket_ >= 0 ? 2 : 1, -1) < 0) {
      continue;
    }
    char byte = 0;
    if (watched[0].revents != 0 && ::read(pipe_read_, &byte, 1) == 1) {
      if (byte == kQuitByte) {
        return;
      }
      if (by_signal) {
        ::_exit(static_cast<int>(ExitCode::interrupted));
      }
      by_signal = true;
      source_.request_stop();
    }
    if (watched[1].revents != 0 && !drain(plugin_socket_)) {
      ::close(plugin_socket_);
      plugin_socket_ = -1;
      source_.request_stop();
    }
  }
}

}  // namespace cli
