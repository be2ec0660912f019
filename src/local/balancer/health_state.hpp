#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "local/balancer/data_plane.hpp"

namespace local::balancer {

enum class ProbeResult : std::uint8_t { success, failure, timeout, wrong_code };

// The rules by which single probes become a target's health, without I/O. A new target is probed at
// once and then every few milliseconds, so that it gets traffic as soon as it can take it; a known
// one at the check's interval.
class HealthState {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  HealthState(const HealthCheck& check, TimePoint registered);

  // From now on judges by another check; what is known stays known.
  void use(const HealthCheck& check) { check_ = check; }

  // True when health, reason or description changed. `code`: the HTTP status of a wrong_code.
  bool take(ProbeResult result, TimePoint now, int code = 0);
  // How long to wait after a probe before the next one.
  [[nodiscard]] std::chrono::milliseconds delay(TimePoint now) const;
  [[nodiscard]] std::chrono::milliseconds probe_timeout() const;

  [[nodiscard]] Health health() const { return health_; }

  [[nodiscard]] const std::string& reason() const { return reason_; }

  [[nodiscard]] const std::string& description() const { return description_; }

 private:
  bool become(Health health, std::string reason, std::string description);

  HealthCheck check_;
  TimePoint registered_;
  Health health_ = Health::initial;
  std::string reason_ = "Elb.InitialHealthChecking";
  std::string description_ = "Initial health checks in progress";
  int successes_ = 0;  // in a row
  int failures_ = 0;
};

// Whether an HTTP status is in a matcher such as "200", "200,202" or "200-399".
bool matches_codes(std::string_view codes, int status);

}  // namespace local::balancer
