#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "local/context.hpp"

namespace local {

// The inbox and the timers of the one thread that owns all engine state. `post` is safe from any
// thread; everything else belongs to the control thread. Production: `while (step_or_wait(...))
// {}`; tests call `step`.
class ControlLoop final : public Timers {
 public:
  // Around every message and timer: begin() before, end() after it ran (the store's transaction).
  struct Hooks {
    std::function<void()> begin;
    std::function<void()> end;
  };

  void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }

  void post(std::function<void()> message);
  void at(util::Clock::TimePoint when, std::function<void()> action) override;

  // Runs every message posted so far and every timer due at `now`; returns how many ran.
  std::size_t step(util::Clock::TimePoint now);
  [[nodiscard]] std::optional<util::Clock::TimePoint> next_timer() const;

  // Blocks until a message arrives, a timer is due, or `limit`; then steps. False after stop().
  bool step_or_wait(const util::Clock& clock, std::chrono::milliseconds limit);
  void stop();

 private:
  void run(const std::function<void()>& action);

  std::mutex mutex_;  // guards inbox_ and stopped_
  std::condition_variable arrived_;
  std::deque<std::function<void()>> inbox_;
  bool stopped_ = false;
  std::multimap<util::Clock::TimePoint, std::function<void()>> timers_;
  Hooks hooks_;
};

}  // namespace local
