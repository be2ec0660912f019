#pragma once

#include <cstdint>
#include <string>

namespace aws {

// Why a call gave no answer.
struct Error {
  enum class Kind : std::uint8_t {
    service,        // the service understood and said no; `code` is AWS's
    throttled,      // too many requests, also after waiting
    denied,         // the identity may not do this
    credentials,    // no credentials, or the service does not accept them
    expired,        // credentials that were good once
    configuration,  // no region, a profile that does not exist, a broken file
    unreachable,    // no connection, no name, TLS, timeout
    unreadable,     // something answered, but not an AWS service
    cancelled
  };
  std::string code;  // "ChangeSetNotFound"; for our own findings "NoRegion", "NoCredentials", …
  Kind kind = Kind::service;
  int http_status = 0;  // 0 = no answer
  std::string request_id;
  std::string message;

  // One line for people: "ChangeSetNotFound: ChangeSet [x] does not exist".
  [[nodiscard]] std::string text() const {
    return code.empty() ? message : message.empty() ? code : code + ": " + message;
  }
};

}  // namespace aws
