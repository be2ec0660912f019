#include "local/balancer/health_state.hpp"

#include <doctest/doctest.h>

namespace {

using namespace std::chrono_literals;
using local::balancer::Health;
using local::balancer::HealthState;
using local::balancer::ProbeResult;

const HealthState::TimePoint kStart{1000s};
const local::balancer::HealthCheck kCheck{.interval = 750ms,
                                          .patience = 60s,
                                          .healthy_threshold = 3,
                                          .unhealthy_threshold = 2};

}  // namespace

TEST_CASE("a new target is healthy with its first success") {
  HealthState state(kCheck, kStart);
  CHECK(state.health() == Health::initial);
  CHECK(state.reason() == "Elb.InitialHealthChecking");
  CHECK(state.delay(kStart) == 5ms);
  CHECK_FALSE(state.take(ProbeResult::failure, kStart + 10s));
  CHECK(state.delay(kStart + 10s) == 250ms);
  CHECK(state.take(ProbeResult::success, kStart + 11s));
  CHECK(state.health() == Health::healthy);
  CHECK(state.reason().empty());
  CHECK(state.delay(kStart + 11s) == 750ms);
}

TEST_CASE("a new target that never answers is unhealthy when patience ends") {
  HealthState state(kCheck, kStart);
  CHECK_FALSE(state.take(ProbeResult::failure, kStart + 59s));
  CHECK(state.take(ProbeResult::failure, kStart + 60s));
  CHECK(state.health() == Health::unhealthy);
  CHECK(state.reason() == "Target.FailedHealthChecks");
  CHECK(state.description() == "Health checks failed");
}

TEST_CASE("thresholds count successes and failures in a row") {
  HealthState state(kCheck, kStart);
  state.take(ProbeResult::success, kStart);
  CHECK_FALSE(state.take(ProbeResult::timeout, kStart));
  state.take(ProbeResult::success, kStart);
  CHECK_FALSE(state.take(ProbeResult::timeout, kStart));
  CHECK(state.take(ProbeResult::timeout, kStart));
  CHECK(state.reason() == "Target.Timeout");
  CHECK_FALSE(state.take(ProbeResult::success, kStart));
  CHECK_FALSE(state.take(ProbeResult::success, kStart));
  CHECK(state.take(ProbeResult::wrong_code, kStart, 404));  // still unhealthy, for another reason
  CHECK(state.description() == "Health checks failed with these codes: [404]");
  state.take(ProbeResult::success, kStart);
  state.take(ProbeResult::success, kStart);
  CHECK(state.health() == Health::unhealthy);
  CHECK(state.take(ProbeResult::success, kStart));
  CHECK(state.health() == Health::healthy);
}

TEST_CASE("matchers are lists of codes and ranges") {
  using local::balancer::matches_codes;
  CHECK(matches_codes("200", 200));
  CHECK_FALSE(matches_codes("200", 201));
  CHECK(matches_codes("200,302", 302));
  CHECK(matches_codes("200-399", 301));
  CHECK_FALSE(matches_codes("200-399", 400));
  CHECK_FALSE(matches_codes("", 200));
}
