#include "local/balancer/acceptor.hpp"

#include <cerrno>
#include <system_error>

#include "net/socket.hpp"

namespace local::balancer {

namespace {

constexpr int kAcceptsInARow = 64;

}  // namespace

Acceptor::Acceptor(net::EventLoop& loop, Owner& owner, std::string listener, int fd)
    : loop_(loop), owner_(owner), listener_(std::move(listener)), fd_(fd) {
  listen(true);
}

Acceptor::~Acceptor() {
  listen(false);
}

void Acceptor::listen(bool on) {
  if (on == listening_) {
    return;
  }
  listening_ = on;
  if (on) {
    loop_.add(fd_, EPOLLIN | EPOLLEXCLUSIVE, *this);
  } else {
    loop_.remove(fd_, *this);
  }
}

void Acceptor::on_events(std::uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    if (!owner_.has_room()) {
      listen(false);
      return;
    }
    std::error_code error;
    util::Fd client = net::accept_connection(fd_, error);
    if (!client) {
      if (error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOMEM) {
        listen(false);
        owner_.out_of_descriptors();
      }
      return;
    }
    owner_.take_over(listener_, std::move(client));
  }
}

}  // namespace local::balancer
