#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/event_loop.hpp"
#include "util/fd.hpp"

namespace local::balancer {

// Takes connections from one listening descriptor, which stays the caller's and may be shared
// between threads.
class Acceptor final : public net::Watcher {
 public:
  class Owner {
   public:
    Owner() = default;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    virtual ~Owner() = default;
    [[nodiscard]] virtual bool has_room() const = 0;
    virtual void take_over(const std::string& listener, util::Fd client) = 0;
    // This process has no descriptor left; listen(true) is to be called later.
    virtual void out_of_descriptors() = 0;
  };

  Acceptor(net::EventLoop& loop, Owner& owner, std::string listener, int fd);
  ~Acceptor() override;

  void listen(bool on);
  void on_events(std::uint32_t events) override;

 private:
  net::EventLoop& loop_;
  Owner& owner_;
  std::string listener_;
  int fd_;
  bool listening_ = false;
};

// Sessions that know their place in the list, so that one is found and taken out at once.
template <class Session>
class SessionList {
 public:
  Session& add(std::unique_ptr<Session> session) {
    session->place = sessions_.size();
    sessions_.push_back(std::move(session));
    return *sessions_.back();
  }

  void destroy(Session& session) {
    const std::size_t place = session.place;
    std::swap(sessions_[place], sessions_.back());
    sessions_[place]->place = place;
    // Out of the list before its destructor runs.
    const std::unique_ptr<Session> last = std::move(sessions_.back());
    sessions_.pop_back();
  }

  // `action` may destroy the session it is given.
  template <class Action>
  void for_each(Action action) {
    for (std::size_t i = sessions_.size(); i-- > 0;) {
      if (i < sessions_.size()) {
        action(*sessions_[i]);
      }
    }
  }

  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  void clear() { sessions_.clear(); }

 private:
  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace local::balancer
