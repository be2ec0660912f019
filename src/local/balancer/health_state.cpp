#include "local/balancer/health_state.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "util/strings.hpp"

namespace local::balancer {

namespace {

using std::chrono::milliseconds;

// Eager at first, then politer: whoever starts slowly is not hurried by being asked more often.
milliseconds eager_delay(milliseconds age) {
  if (age < milliseconds{2'000}) {
    return milliseconds{5};
  }
  return age < milliseconds{10'000} ? milliseconds{50} : milliseconds{250};
}

constexpr milliseconds kEagerTimeout{1'000};

}  // namespace

HealthState::HealthState(const HealthCheck& check, TimePoint registered)
    : check_(check), registered_(registered) {}

bool HealthState::become(Health health, std::string reason, std::string description) {
  const bool changed =
      std::tie(health_, reason_, description_) != std::tie(health, reason, description);
  health_ = health;
  reason_ = std::move(reason);
  description_ = std::move(description);
  return changed;
}

bool HealthState::take(ProbeResult result, TimePoint now, int code) {
  if (result == ProbeResult::success) {
    failures_ = 0;
    ++successes_;
    const bool enough = health_ != Health::unhealthy || successes_ >= check_.healthy_threshold;
    return enough && become(Health::healthy, "", "");
  }
  successes_ = 0;
  ++failures_;
  const bool over = health_ == Health::initial ? now - registered_ >= check_.patience
                                               : failures_ >= check_.unhealthy_threshold;
  if (!over && health_ != Health::unhealthy) {
    return false;
  }
  switch (result) {
    case ProbeResult::wrong_code:
      return become(Health::unhealthy,
                    "Target.ResponseCodeMismatch",
                    "Health checks failed with these codes: [" + std::to_string(code) + "]");
    case ProbeResult::timeout:
      return become(Health::unhealthy, "Target.Timeout", "Request timed out");
    case ProbeResult::failure:
    case ProbeResult::success: break;
  }
  return become(Health::unhealthy, "Target.FailedHealthChecks", "Health checks failed");
}

milliseconds HealthState::delay(TimePoint now) const {
  if (health_ != Health::initial) {
    return check_.interval;
  }
  const auto age = std::chrono::duration_cast<milliseconds>(now - registered_);
  return std::min(eager_delay(age), check_.interval);
}

milliseconds HealthState::probe_timeout() const {
  // A SYN to a container that is only just there may be lost; its retransmission would cost a
  // second.
  return health_ == Health::initial && check_.protocol == CheckProtocol::tcp
             ? std::min(kEagerTimeout, check_.timeout)
             : check_.timeout;
}

bool matches_codes(std::string_view codes, int status) {
  for (const std::string& part : util::split(codes, ',')) {
    const std::string_view range = util::trim(part);
    const std::size_t dash = range.find('-');
    const auto low = util::parse_int(range.substr(0, dash));
    const auto high =
        dash == std::string_view::npos ? low : util::parse_int(range.substr(dash + 1));
    if (low && high && *low <= status && status <= *high) {
      return true;
    }
  }
  return false;
}

}  // namespace local::balancer
