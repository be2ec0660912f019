#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/context.hpp"
#include "local/control_loop.hpp"
#include "local/state/durable_store.hpp"
#include "util/clock.hpp"

namespace test {

// Stands still until a test moves it. Starts at 2026-01-02 03:04:05 UTC.
class FakeClock final : public util::Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return now_; }

  void set(TimePoint now) { now_ = now; }

  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  TimePoint now_{std::chrono::milliseconds{1'767'323'045'000}};
};

// Runs each job at once on the calling thread; what it returns is posted to the loop, so that a
// module is never re-entered. With `hold`, jobs wait until `release`.
class InlineWorkers final : public local::Workers {
 public:
  explicit InlineWorkers(local::ControlLoop& loop) : loop_(loop) {}

  void run(std::function<Continuation()> job) override {
    if (hold) {
      held_.push_back(std::move(job));
      return;
    }
    finish(job);
  }

  void release() {
    for (const auto& job : std::exchange(held_, {})) {
      finish(job);
    }
  }

  [[nodiscard]] std::size_t held() const { return held_.size(); }

  bool hold = false;

 private:
  void finish(const std::function<Continuation()>& job) {
    if (Continuation next = job()) {
      loop_.post(std::move(next));
    }
  }

  local::ControlLoop& loop_;
  std::vector<std::function<Continuation()>> held_;
};

// Keeps records in memory, in order of first insertion. Hand the same store to a second module to
// test a restart.
class MemoryStore final : public local::DurableStore {
 public:
  void put(std::string_view kind, std::string_view id, const doc::Node& body) override {
    ++writes_;
    for (Record& record : records_) {
      if (record.kind == kind && record.id == id) {
        record.body = body;
        return;
      }
    }
    records_.push_back({std::string(kind), std::string(id), body});
  }

  void remove(std::string_view kind, std::string_view id) override {
    ++writes_;
    std::erase_if(records_, [&](const Record& r) { return r.kind == kind && r.id == id; });
  }

  void each(std::string_view kind,
            const std::function<void(const std::string&, const doc::Node&)>& visit) override {
    const std::vector<Record> copy = records_;
    for (const Record& record : copy) {
      if (record.kind == kind) {
        visit(record.id, record.body);
      }
    }
  }

  bool commit(local::Durability /*durability*/) override {
    ++commits;
    return !fail_commits;
  }

  [[nodiscard]] std::uint64_t writes() const override { return writes_; }

  [[nodiscard]] std::size_t count(std::string_view kind) const {
    std::size_t n = 0;
    for (const Record& record : records_) {
      n += record.kind == kind ? 1U : 0U;
    }
    return n;
  }

  bool fail_commits = false;
  std::size_t commits = 0;

 private:
  struct Record {
    std::string kind;
    std::string id;
    doc::Node body;
  };

  std::vector<Record> records_;
  std::uint64_t writes_ = 0;
};

// "00000001", "00000002", ... in whatever length is asked for.
class CounterIds final : public local::Ids {
 public:
  std::string hex(std::size_t digits) override { return next(digits); }

  std::string alnum(std::size_t length) override { return next(length); }

 private:
  std::string next(std::size_t length) {
    const std::string number = std::to_string(++last_);
    return number.size() >= length ? number.substr(number.size() - length)
                                   : std::string(length - number.size(), '0') + number;
  }

  std::size_t last_ = 0;
};

// Everything a module needs, all of it under the test's control:
//   FakeContext fake; ActionTable actions; Ecs ecs(fake.context, actions);
//   ecs.add_actions(actions); actions.call(...); fake.settle(); fake.advance(40s);
struct FakeContext {
  FakeClock clock;
  local::ControlLoop loop;
  InlineWorkers workers{loop};
  MemoryStore store;
  CounterIds ids;
  std::vector<std::string> log_lines;
  local::Context context{store,
                         clock,
                         workers,
                         loop,
                         ids,
                         "us-east-1",
                         "000000000000",
                         1.0,
                         [this](std::string_view line) { log_lines.emplace_back(line); }};

  // Runs messages and due timers until none is left; gives up after `limit` rounds (a module that
  // never rests).
  std::size_t settle(std::size_t limit = 10'000) {
    std::size_t total = 0;
    for (std::size_t round = 0; round < limit; ++round) {
      const std::size_t ran = loop.step(clock.now());
      total += ran;
      if (ran == 0) {
        break;
      }
    }
    return total;
  }

  // Moves the clock by `by`, stopping at each timer on the way.
  void advance(std::chrono::milliseconds by) {
    const auto end = clock.now() + by;
    settle();
    while (loop.next_timer() && *loop.next_timer() <= end) {
      clock.set(std::max(clock.now(), *loop.next_timer()));
      settle();
    }
    clock.set(end);
    settle();
  }
};

}  // namespace test
