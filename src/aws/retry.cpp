#include "aws/retry.hpp"

#include <algorithm>
#include <array>

namespace aws {
namespace {

// Without LimitExceededException: for the services here it is a quota, and waiting does not raise
// it.
constexpr std::array<std::string_view, 13> kThrottlingCodes{
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "SlowDown",
    "PriorRequestNotComplete",
    "TransactionInProgressException"};

constexpr int kRetryCost = 5;
constexpr int kTimeoutCost = 10;
constexpr int kFullBucket = 500;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

bool is_throttling(std::string_view code) {
  return std::find(kThrottlingCodes.begin(), kThrottlingCodes.end(), code) !=
         kThrottlingCodes.end();
}

bool is_transient(const Failure& failure) {
  if (failure.transport) {
    return *failure.transport != net::TransportError::Kind::tls &&
           *failure.transport != net::TransportError::Kind::cancelled;
  }
  if (is_throttling(failure.code) || failure.code == "RequestTimeout" ||
      failure.code == "RequestTimeoutException") {
    return true;
  }
  // A success whose body is cut off or garbled: what was sent is safe to send again as often as
  // after a lost answer.
  const bool garbled = failure.code == "UnreadableResponse" && failure.http_status == 200;
  const int status = failure.http_status;
  return garbled || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

bool is_clock_skew(const Failure& failure) {
  const std::string_view code = failure.code;
  if (code == "RequestTimeTooSkewed" || code == "RequestInTheFuture" || code == "RequestExpired") {
    return true;
  }
  const bool signature = code == "InvalidSignatureException" || code == "SignatureDoesNotMatch" ||
                         code == "AuthFailure";
  return signature && (contains(failure.message, "Signature expired") ||
                       contains(failure.message, "not yet current"));
}

bool is_expired_token(std::string_view code) {
  return code == "ExpiredToken" || code == "ExpiredTokenException" ||
         code == "TokenRefreshRequired";
}

std::chrono::milliseconds retry_pause(const RetryPolicy& policy,
                                      int attempt,
                                      const Failure& failure,
                                      double jitter) {
  const std::int64_t doublings = std::clamp(attempt - 1, 0, 20);
  const auto ceiling = std::min(policy.base * (std::int64_t{1} << doublings), policy.longest);
  const std::chrono::milliseconds pause{
      static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * jitter)};
  return failure.retry_after ? std::min(std::max(*failure.retry_after, pause), policy.longest)
                             : pause;
}

bool RetryQuota::take(const Failure& failure) {
  const std::lock_guard lock(mutex_);
  const bool timeout = failure.transport == net::TransportError::Kind::timeout;
  const int cost = timeout ? kTimeoutCost : kRetryCost;
  if (tokens_ < cost) {
    return false;
  }
  tokens_ -= cost;
  last_cost_ = cost;
  return true;
}

void RetryQuota::give_back(bool after_retry) {
  const std::lock_guard lock(mutex_);
  tokens_ = std::min(kFullBucket, tokens_ + (after_retry ? last_cost_ : 1));
}

}  // namespace aws
