#include "net/event_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <sys/eventfd.h>

namespace net {

namespace {

void must(bool succeeded, const char* what) {
  if (!succeeded) {
    std::perror(what);
    std::abort();
  }
}

}  // namespace

EventLoop::EventLoop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  must(epoll_.get() >= 0 && wakeup_.get() >= 0, "epoll");
  epoll_event event{};
  event.events = EPOLLIN;
  must(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_.get(), &event) == 0, "epoll_ctl");
}

EventLoop::~EventLoop() = default;

void EventLoop::add(int fd, std::uint32_t events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  must(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl add");
}

void EventLoop::change(int fd, std::uint32_t events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  must(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0, "epoll_ctl mod");
}

void EventLoop::remove(int fd, Watcher& watcher) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  for (std::size_t i = ready_at_; i < ready_count_; ++i) {
    if (ready_[i].data.ptr == &watcher) {
      ready_[i].data.ptr = nullptr;
      ready_[i].events = 0;
    }
  }
}

EventLoop::TimerId EventLoop::at(Clock::time_point when, std::function<void()> action) {
  const TimerId id = ++last_timer_;
  timers_.emplace(std::pair{when, id}, std::move(action));
  timer_times_.emplace(id, when);
  return id;
}

EventLoop::TimerId EventLoop::after(std::chrono::nanoseconds delay, std::function<void()> action) {
  return at(Clock::now() + delay, std::move(action));
}

void EventLoop::cancel(TimerId timer) {
  const auto found = timer_times_.find(timer);
  if (found != timer_times_.end()) {
    timers_.erase({found->second, timer});
    timer_times_.erase(found);
  }
}

void EventLoop::post(std::function<void()> message) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    wake = !std::exchange(awake_, true);
  }
  if (wake) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeup_.get(), &one, sizeof one);
  }
}

void EventLoop::run_messages() {
  std::vector<std::function<void()>> messages;
  {
    const std::lock_guard lock(mutex_);
    messages.swap(messages_);
    if (std::exchange(awake_, false)) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(wakeup_.get(), &count, sizeof count);
    }
  }
  for (const std::function<void()>& message : messages) {
    message();
  }
}

void EventLoop::run_timers() {
  while (!timers_.empty() && timers_.begin()->first.first <= now_) {
    const auto first = timers_.begin();
    const std::function<void()> action = std::move(first->second);
    timer_times_.erase(first->first.second);
    timers_.erase(first);
    action();
  }
}

int EventLoop::wait_time(std::chrono::milliseconds limit) const {
  if (timers_.empty()) {
    return static_cast<int>(limit.count());
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first - Clock::now());
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds{0}, limit).count());
}

void EventLoop::run_once(std::chrono::milliseconds limit) {
  const int count =
      ::epoll_wait(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()), wait_time(limit));
  must(count >= 0 || errno == EINTR, "epoll_wait");
  now_ = Clock::now();
  ready_count_ = static_cast<std::size_t>(std::max(count, 0));
  bool messages = false;
  for (ready_at_ = 0; ready_at_ < ready_count_;) {
    const epoll_event event = ready_[ready_at_++];
    if (event.data.ptr != nullptr) {
      static_cast<Watcher*>(event.data.ptr)->on_events(event.events);
    } else {
      messages = messages || event.events != 0;
    }
  }
  ready_count_ = 0;
  if (messages) {
    run_messages();
  }
  run_timers();
}

void EventLoop::run() {
  while (!stopped_.load(std::memory_order_acquire)) {
    run_once(std::chrono::minutes{1});
  }
  run_messages();
}

void EventLoop::stop() {
  post([this] { stopped_.store(true, std::memory_order_release); });
}

}  // namespace net
