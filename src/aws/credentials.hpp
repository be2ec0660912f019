#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aws/error.hpp"
#include "util/clock.hpp"
#include "util/result.hpp"

namespace aws {

// A text that no output can show by accident: it has no conversion, and `shown()` is always "****".
class Secret {
 public:
  Secret() = default;

  explicit Secret(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] const std::string& reveal() const { return value_; }

  [[nodiscard]] static std::string_view shown() { return "****"; }

  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;                           // empty for long-term keys
  std::optional<util::Clock::TimePoint> expires;  // nothing = never
  std::string source;                             // "environment", "profile dev", for messages
};

// Where credentials come from. Safe to call from many threads.
class CredentialsProvider {
 public:
  CredentialsProvider() = default;
  CredentialsProvider(const CredentialsProvider&) = delete;
  CredentialsProvider& operator=(const CredentialsProvider&) = delete;
  virtual ~CredentialsProvider() = default;
  virtual util::Result<Credentials, Error> get() = 0;

  // The service called the last ones expired or unknown: the next get() must not answer from
  // memory.
  virtual void forget() {}
};

class StaticCredentials final : public CredentialsProvider {
 public:
  explicit StaticCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}

  util::Result<Credentials, Error> get() override { return credentials_; }

 private:
  Credentials credentials_;
};

// Remembers what another provider gave until ten minutes before it expires. While a refresh fails,
// credentials that are still valid go on being used.
class CachedCredentials final : public CredentialsProvider {
 public:
  CachedCredentials(std::unique_ptr<CredentialsProvider> source, const util::Clock& clock)
      : source_(std::move(source)), clock_(clock) {}

  util::Result<Credentials, Error> get() override;
  void forget() override;

 private:
  std::unique_ptr<CredentialsProvider> source_;
  const util::Clock& clock_;
  std::mutex mutex_;
  std::optional<Credentials> current_;
};

}  // namespace aws
