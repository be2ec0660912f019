#include "local/control_loop.hpp"

#include <algorithm>
#include <utility>

namespace local {

void ControlLoop::post(std::function<void()> message) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(message));
  }
  arrived_.notify_one();
}

void ControlLoop::at(util::Clock::TimePoint when, std::function<void()> action) {
  timers_.emplace(when, std::move(action));
}

void ControlLoop::run(const std::function<void()>& action) {
  if (hooks_.begin) {
    hooks_.begin();
  }
  action();
  if (hooks_.end) {
    hooks_.end();
  }
}

std::size_t ControlLoop::step(util::Clock::TimePoint now) {
  std::deque<std::function<void()>> messages;
  {
    const std::lock_guard lock(mutex_);
    messages.swap(inbox_);
  }
  std::size_t count = messages.size();
  for (const std::function<void()>& message : messages) {
    run(message);
  }
  // Timers set by a timer for the same instant run in the next step, so that a step always ends.
  std::vector<std::function<void()>> due;
  const auto end = timers_.upper_bound(now);
  for (auto at = timers_.begin(); at != end; ++at) {
    due.push_back(std::move(at->second));
  }
  timers_.erase(timers_.begin(), end);
  for (const std::function<void()>& action : due) {
    run(action);
  }
  return count + due.size();
}

std::optional<util::Clock::TimePoint> ControlLoop::next_timer() const {
  return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first);
}

bool ControlLoop::step_or_wait(const util::Clock& clock, std::chrono::milliseconds limit) {
  auto wait = limit;
  if (const auto next = next_timer()) {
    wait = std::clamp(*next - clock.now(), std::chrono::milliseconds{0}, limit);
  }
  {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, wait, [this] { return stopped_ || !inbox_.empty(); });
    if (stopped_ && inbox_.empty()) {
      return false;
    }
  }
  step(clock.now());
  return true;
}

void ControlLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  arrived_.notify_one();
}

}  // namespace local
