#pragma once

#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "net/http_message.hpp"
#include "util/clock.hpp"

namespace aws {

// AWS Signature Version 4 (header form), pure: the same request, credentials and instant give the
// same bytes.

struct SigningScope {
  std::string region;
  std::string service;  // the signing name: "elasticloadbalancing"
};

struct SigningOptions {
  bool s3 = false;  // path neither normalised nor encoded twice; X-Amz-Content-Sha256 sent
  bool unsigned_payload = false;  // s3 over TLS only: the body stays outside the signature
};

// The intermediate texts, for tests and for explaining SignatureDoesNotMatch.
struct Signature {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signed_headers;  // "content-type;host;x-amz-date"
  std::string value;           // hex
};

Signature compute_signature(const net::HttpRequest& request,
                            const Credentials& credentials,
                            const SigningScope& scope,
                            std::string_view amz_date,
                            const SigningOptions& options = {});

// Adds Host (when absent), X-Amz-Date, X-Amz-Security-Token (when there is one) and Authorization.
void sign(net::HttpRequest& request,
          const Credentials& credentials,
          const SigningScope& scope,
          util::Clock::TimePoint now,
          const SigningOptions& options = {});

// "20150830T123600Z"
std::string amz_date(util::Clock::TimePoint now);

}  // namespace aws
