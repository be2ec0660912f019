#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/http_transport.hpp"

namespace test {

// Answers from a script and remembers what was asked. Safe for many threads; answers go out in
// script order. When the script has run out, `otherwise` answers.
class FakeTransport final : public net::HttpTransport {
 public:
  using Answer = util::Result<net::HttpResponse, net::TransportError>;

  void will_answer(int status, std::string body, std::vector<net::Header> headers = {}) {
    script_.emplace_back(net::HttpResponse{status, std::move(headers), std::move(body)});
  }

  void will_fail(net::TransportError::Kind kind, std::string detail = "scripted") {
    script_.emplace_back(util::unexpected(net::TransportError{kind, std::move(detail)}));
  }

  std::function<Answer(const net::HttpRequest&)> otherwise = [](const net::HttpRequest&) -> Answer {
    return util::unexpected(
        net::TransportError{net::TransportError::Kind::protocol, "nothing left in the script"});
  };

  Answer send(const net::HttpRequest& request) override {
    const std::lock_guard lock(mutex_);
    requests.push_back(request);
    if (script_.empty()) {
      return otherwise(request);
    }
    Answer answer = std::move(script_.front());
    script_.pop_front();
    return answer;
  }

  std::vector<net::HttpRequest> requests;

 private:
  std::mutex mutex_;
  std::deque<Answer> script_;
};

}  // namespace test
