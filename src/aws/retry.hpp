#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_transport.hpp"

namespace aws {

// AWS's "standard" retry mode, as pure decisions.

struct RetryPolicy {
  int max_attempts = 3;                   // the first one included
  std::chrono::milliseconds base{1'000};  // the longest first pause; doubles each time
  std::chrono::milliseconds longest{20'000};
};

// How one attempt ended without an answer to use.
struct Failure {
  std::string code;  // the service's error code; empty for transport failures
  std::string message;
  int http_status = 0;
  std::optional<net::TransportError::Kind> transport;
  std::optional<std::chrono::milliseconds> retry_after;  // what the service asked for
  std::optional<std::int64_t> server_millis;             // the answer's Date header
};

bool is_throttling(std::string_view code);
// Worth another attempt: throttling, 5xx, timeouts, broken connections.
bool is_transient(const Failure& failure);
// The clocks of the two ends are too far apart; a corrected date would help.
bool is_clock_skew(const Failure& failure);
bool is_expired_token(std::string_view code);

// The pause before attempt `attempt` + 1 (attempts count from 1); `jitter` is in [0, 1).
std::chrono::milliseconds retry_pause(const RetryPolicy& policy,
                                      int attempt,
                                      const Failure& failure,
                                      double jitter);

// Retries are paid from a bucket that successes fill again, so that a service in trouble is not
// buried in retries.
class RetryQuota {
 public:
  // False when the bucket is empty.
  bool take(const Failure& failure);
  void give_back(bool after_retry);

 private:
  std::mutex mutex_;
  int tokens_ = 500;
  int last_cost_ = 0;
};

}  // namespace aws
