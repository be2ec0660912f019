#pragma once

#include <functional>
#include <map>
#include <utility>

#include "awsapi/codec.hpp"
#include "awsapi/shape.hpp"
#include "doc/node.hpp"
#include "local/api_error.hpp"
#include "util/result.hpp"

namespace local {

// Operation -> handler. Each module fills in its rows (`module.add_actions(table)`); the endpoint
// calls by operation name with a validated document, and CloudFormation providers call by typed
// request: one implementation for both. Handlers run on the control thread, must not block, and
// either change state and answer, or fail and change nothing.
class ActionTable {
 public:
  using Handler = std::function<util::Result<doc::Node, ApiError>(const doc::Node& request)>;

  // `f`: Result<Request::Response, ApiError>(const Request&)
  template <class Request, class F>
  void add(F f) {
    handlers_[&Request::operation()] =
        [f = std::move(f)](const doc::Node& node) -> util::Result<doc::Node, ApiError> {
      auto response = f(Request::from_node(node));
      if (!response) {
        return util::unexpected(std::move(response.error()));
      }
      return response->to_node(awsapi::EmptyLists::write);
    };
  }

  // Null when the engine does not have the operation.
  [[nodiscard]] const Handler* find(const awsapi::Operation& operation) const {
    const auto at = handlers_.find(&operation);
    return at == handlers_.end() ? nullptr : &at->second;
  }

  template <class Request>
  util::Result<typename Request::Response, ApiError> call(const Request& request) const {
    const Handler* handler = find(Request::operation());
    if (handler == nullptr) {
      return util::unexpected(
          ApiError{"UnknownOperationException", "not in the local engine", 400});
    }
    auto response = (*handler)(request.to_node(awsapi::EmptyLists::omit));
    if (!response) {
      return util::unexpected(std::move(response.error()));
    }
    return Request::Response::from_node(*response);
  }

 private:
  std::map<const awsapi::Operation*, Handler> handlers_;
};

}  // namespace local
