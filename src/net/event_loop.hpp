#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <sys/epoll.h>

#include "util/fd.hpp"

namespace net {

// Whoever waits for a descriptor. Not owned by the loop.
class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  virtual ~Watcher() = default;
  // `events`: EPOLLIN, EPOLLOUT, EPOLLHUP ... as epoll reports them.
  virtual void on_events(std::uint32_t events) = 0;
};

// One thread's epoll, timers and inbox. post() and stop() are safe from any thread; everything else
// belongs to the thread that runs the loop (before run() starts: to whoever made it).
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using TimerId = std::uint64_t;

  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  void add(int fd, std::uint32_t events, Watcher& watcher);
  void change(int fd, std::uint32_t events, Watcher& watcher);
  // After this the watcher is not called again, not even for events that were already fetched: it
  // may be destroyed.
  void remove(int fd, Watcher& watcher);

  TimerId at(Clock::time_point when, std::function<void()> action);
  TimerId after(std::chrono::nanoseconds delay, std::function<void()> action);
  void cancel(TimerId timer);  // of a timer that has run: nothing happens

  // The time of the current round; saves asking the clock for every event.
  [[nodiscard]] Clock::time_point now() const { return now_; }

  // Runs on the loop's thread in a later round, in order of posting.
  void post(std::function<void()> message);

  void run();  // until stop()
  void stop();
  // One round: waits at most `limit` for something to do.
  void run_once(std::chrono::milliseconds limit);

 private:
  void run_messages();
  void run_timers();
  [[nodiscard]] int wait_time(std::chrono::milliseconds limit) const;

  util::Fd epoll_;
  util::Fd wakeup_;
  std::array<epoll_event, 256> ready_{};
  std::size_t ready_count_ = 0;
  std::size_t ready_at_ = 0;
  Clock::time_point now_ = Clock::now();
  std::map<std::pair<Clock::time_point, TimerId>, std::function<void()>> timers_;
  std::map<TimerId, Clock::time_point> timer_times_;
  TimerId last_timer_ = 0;

  std::mutex mutex_;  // guards messages_ and awake_
  std::vector<std::function<void()>> messages_;
  bool awake_ = false;  // the wake-up descriptor was written and not yet read
  std::atomic<bool> stopped_ = false;
};

// A thread with a loop; joined by stop() or on destruction, after what was posted before has run.
// What lives on the loop is best made before the thread starts, or by a posted message.
class LoopThread {
 public:
  enum class Start : std::uint8_t { now, later };

  explicit LoopThread(Start when = Start::now) {
    if (when == Start::now) {
      start();
    }
  }

  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  ~LoopThread() { stop(); }

  void start() {
    thread_ = std::jthread([this] { loop_.run(); });
  }

  void stop() {
    loop_.stop();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  EventLoop& loop() { return loop_; }

 private:
  EventLoop loop_;
  std::jthread thread_;
};

}  // namespace net
