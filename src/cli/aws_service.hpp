#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "awsapi/codec.hpp"
#include "awsapi/shape.hpp"
#include "cli/failure.hpp"
#include "doc/node.hpp"
#include "util/result.hpp"

namespace cli {

// Why a call to the endpoint did not work. Commands decide by `kind` and `code`, never by the
// message.
struct ServiceError {
  enum class Kind : std::uint8_t {
    answered,     // the endpoint refused: `code` is AWS's
    unreachable,  // no connection, no answer in time
    credentials,  // none found, or AWS's files are in disorder; the message says what to do
    cancelled,
  };
  Kind kind = Kind::answered;
  std::string code;
  std::string message;
};

// The code of an `unreachable` local engine.
inline constexpr std::string_view kLocalEngineGone = "LocalEngineGone";

// The AWS-compatible endpoint of a target, as commands see it: AWS itself, or the local engine.
class AwsService {
 public:
  AwsService() = default;
  AwsService(const AwsService&) = delete;
  AwsService& operator=(const AwsService&) = delete;
  virtual ~AwsService() = default;

  // Safe to call from several threads.
  virtual util::Result<doc::Node, ServiceError> call(const awsapi::Operation& operation,
                                                     const doc::Node& input) = 0;
  [[nodiscard]] virtual std::string region() const = 0;

  // Where calls of the service go; empty when that is not known.
  [[nodiscard]] virtual std::string url_of(const awsapi::Service& /*service*/) const { return {}; }

  template <class Request>
  util::Result<typename Request::Response, ServiceError> send(const Request& request) {
    auto answer = call(Request::operation(), request.to_node(awsapi::EmptyLists::omit));
    if (!answer) {
      return util::unexpected(std::move(answer.error()));
    }
    return Request::Response::from_node(*answer);
  }

  // Sends `request` until its answer has no next token; `take` gets each page.
  template <class Request, class F>
  util::Result<void, ServiceError> send_all(Request request, F take) {
    for (;;) {
      auto page = send(request);
      if (!page) {
        return util::unexpected(std::move(page.error()));
      }
      take(*page);
      if (!page->next_token || page->next_token->empty()) {
        return {};
      }
      request.next_token = page->next_token;
    }
  }
};

// For the user: AWS's words, its code, and what helps against the usual causes.
Failure describe(const ServiceError& error);

}  // namespace cli
