#include "local/worker_pool.hpp"

#include <utility>

namespace local {

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    jobs_.clear();
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void WorkerPool::run(std::function<Continuation()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return;
    }
    jobs_.push_back(std::move(job));
    if (jobs_.size() > idle_ && threads_.size() < limit_) {
      threads_.emplace_back([this] { work(); });
    }
  }
  arrived_.notify_one();
}

std::size_t WorkerPool::threads() const {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

bool WorkerPool::busy() const {
  const std::lock_guard lock(mutex_);
  return !jobs_.empty() || idle_ < threads_.size();
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    arrived_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (stopping_) {
      return;
    }
    const std::function<Continuation()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    if (Continuation next = job()) {
      loop_.post(std::move(next));
    }
    lock.lock();
  }
}

}  // namespace local
