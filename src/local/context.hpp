#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "util/clock.hpp"

namespace local {

class Store;

// Blocking work (Docker calls, probes) off the control thread. `job` runs on a worker; what it
// returns runs on the control thread afterwards. Jobs must not touch engine state. Tests run jobs
// inline.
class Workers {
 public:
  using Continuation = std::function<void()>;
  Workers() = default;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  virtual ~Workers() = default;
  virtual void run(std::function<Continuation()> job) = 0;
};

// Wake-ups on the control thread. Never persisted: modules set them again from their records at
// start.
class Timers {
 public:
  Timers() = default;
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  virtual ~Timers() = default;
  virtual void at(util::Clock::TimePoint when, std::function<void()> action) = 0;
};

// Random identifiers; a counter in tests.
class Ids {
 public:
  Ids() = default;
  Ids(const Ids&) = delete;
  Ids& operator=(const Ids&) = delete;
  virtual ~Ids() = default;
  virtual std::string hex(std::size_t digits) = 0;  // "9781c248-0edd-..." is built from these
  virtual std::string alnum(
      std::size_t length) = 0;  // upper-case letters and digits, as CloudFormation's suffixes
  std::string uuid();
};

// What every module of the engine may use. Owned by the Engine; references stay valid as long as it
// lives.
struct Context {
  Store& store;
  const util::Clock& clock;
  Workers& workers;
  Timers& timers;
  Ids& ids;
  std::string region;
  std::string account;  // "000000000000"
  double time_scale =
      0.025;  // AWS's waits (health intervals, the 40 s settling time, draining) times this
  std::function<void(std::string_view line)> log;  // the engine's own log file

  [[nodiscard]] util::Clock::TimePoint now() const { return clock.now(); }

  // "arn:aws:<service>:<region>:<account>:<resource>"
  [[nodiscard]] std::string arn(std::string_view service, std::string_view resource) const;
};

}  // namespace local
