#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "local/context.hpp"
#include "local/control_loop.hpp"

namespace local {

// Threads made when there is a job and nobody idle, up to `limit`; more jobs wait their turn. What
// a job returns is posted to the loop.
class WorkerPool final : public Workers {
 public:
  WorkerPool(ControlLoop& loop, std::size_t limit) : loop_(loop), limit_(limit) {}

  // Jobs that have not begun are dropped; running ones are waited for.
  ~WorkerPool() override;

  void run(std::function<Continuation()> job) override;
  [[nodiscard]] std::size_t threads() const;
  // Some job waits or runs.
  [[nodiscard]] bool busy() const;

 private:
  void work();

  ControlLoop& loop_;
  const std::size_t limit_;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable arrived_;
  std::deque<std::function<Continuation()>> jobs_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace local
