#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "awsapi/codec.hpp"
#include "awsapi/shape.hpp"
#include "doc/node.hpp"
#include "util/result.hpp"

namespace deploy {

// Why a call gave no answer. Decisions go by kind and code, never by the message.
struct ApiError {
  enum class Kind : std::uint8_t { answered, unreachable, credentials, cancelled };
  Kind kind = Kind::answered;
  std::string code;  // AWS's, when it answered
  std::string message;
};

template <class T>
using ApiResult = util::Result<T, ApiError>;

// The AWS-compatible endpoint a stack is deployed to. The composition root plugs the client in;
// tests plug in a script.
class Api {
 public:
  Api() = default;
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  virtual ~Api() = default;
  virtual ApiResult<doc::Node> call(const awsapi::Operation& operation, const doc::Node& input) = 0;

  template <class Request>
  ApiResult<typename Request::Response> send(const Request& request) {
    auto answer = call(Request::operation(), request.to_node(awsapi::EmptyLists::omit));
    if (!answer) {
      return util::unexpected(std::move(answer.error()));
    }
    return Request::Response::from_node(*answer);
  }

  // Page after page by `next_token`; `take(Response&)` answers false to stop early.
  template <class Request, class F>
  ApiResult<void> for_each_page(Request request, F take) {
    for (;;) {
      auto page = send(request);
      if (!page) {
        return util::unexpected(std::move(page.error()));
      }
      if (!take(*page) || !page->next_token || page->next_token->empty()) {
        return {};
      }
      request.next_token = page->next_token;
    }
  }
};

}  // namespace deploy
