#include "aws/credentials.hpp"

namespace aws {
namespace {

constexpr std::chrono::minutes kRefreshBefore{10};

}  // namespace

util::Result<Credentials, Error> CachedCredentials::get() {
  const std::lock_guard lock(mutex_);
  const util::Clock::TimePoint now = clock_.now();
  const bool fresh = current_ && (!current_->expires || *current_->expires - now > kRefreshBefore);
  if (fresh) {
    return *current_;
  }
  auto renewed = source_->get();
  if (renewed) {
    current_ = *renewed;
    return renewed;
  }
  if (current_ && *current_->expires > now) {
    return *current_;
  }
  return renewed;
}

void CachedCredentials::forget() {
  const std::lock_guard lock(mutex_);
  current_.reset();
  source_->forget();
}

}  // namespace aws
