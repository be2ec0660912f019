#include "net/event_loop.hpp"

#include <functional>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace {

struct FunctionWatcher final : net::Watcher {
  std::function<void()> action;

  void on_events(std::uint32_t /*events*/) override { action(); }
};

struct SocketPair {
  SocketPair() {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) == 0);
    near = util::Fd(fds[0]);
    far = util::Fd(fds[1]);
  }

  util::Fd near;
  util::Fd far;
};

constexpr std::chrono::milliseconds kNow{0};

}  // namespace

TEST_CASE("timers run in order of time, cancelled ones never") {
  net::EventLoop loop;
  std::string ran;
  const auto start = net::EventLoop::Clock::now();
  loop.at(start + std::chrono::milliseconds(2), [&] { ran += "b"; });
  loop.at(start + std::chrono::milliseconds(1), [&] { ran += "a"; });
  const auto cancelled = loop.at(start, [&] { ran += "x"; });
  loop.cancel(cancelled);
  while (ran.size() < 2) {
    loop.run_once(std::chrono::milliseconds(100));
  }
  loop.cancel(cancelled);
  CHECK(ran == "ab");
}

TEST_CASE("messages wake the loop and run in order, stop comes after them") {
  std::string ran;
  {
    net::LoopThread thread;
    thread.loop().post([&] { ran += "a"; });
    thread.loop().post([&] {
      ran += "b";
      thread.loop().post([&] { ran += "c"; });
    });
  }
  CHECK(ran.starts_with("ab"));
}

TEST_CASE("a removed watcher is not called for events that were already fetched") {
  net::EventLoop loop;
  SocketPair one;
  SocketPair two;
  int calls = 0;
  FunctionWatcher first;
  FunctionWatcher second;
  const auto remove_both = [&] {
    ++calls;
    loop.remove(one.near.get(), first);
    loop.remove(two.near.get(), second);
  };
  first.action = remove_both;
  second.action = remove_both;
  loop.add(one.near.get(), EPOLLIN, first);
  loop.add(two.near.get(), EPOLLIN, second);
  REQUIRE(::write(one.far.get(), "x", 1) == 1);
  REQUIRE(::write(two.far.get(), "x", 1) == 1);
  loop.run_once(kNow);
  loop.run_once(kNow);
  CHECK(calls == 1);
}
