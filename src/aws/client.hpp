#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "aws/credentials.hpp"
#include "aws/endpoint.hpp"
#include "aws/error.hpp"
#include "aws/retry.hpp"
#include "awsapi/codec.hpp"
#include "awsapi/shape.hpp"
#include "doc/node.hpp"
#include "net/http_transport.hpp"
#include "util/clock.hpp"
#include "util/result.hpp"

namespace aws {

// The world as a client sees it; everything in it must outlive the client and be safe for many
// threads.
struct World {
  net::HttpTransport& transport;
  const util::Clock& clock;
  std::function<bool(std::chrono::milliseconds)> pause;  // sleeps; false = cancelled, stop trying
  std::function<std::uint64_t()> random;
};

// The machine's: sleeps for real, random numbers from the kernel.
World system_world(net::HttpTransport& transport, const util::Clock& clock);

struct ClientOptions {
  std::string region;
  EndpointOptions endpoints;
  RetryPolicy retry;
  std::string user_agent = "docker-ecs";
  std::chrono::milliseconds timeout{60'000};  // of one attempt
};

// Calls AWS's services: encodes, signs, sends, retries (standard mode), decodes. Thread safe; a
// call blocks its thread.
//
//     const auto answer = client.call(awsapi::sts::GetCallerIdentityRequest{});
//     if (!answer) { … answer.error().code … }
class Client {
 public:
  Client(ClientOptions options, std::unique_ptr<CredentialsProvider> credentials, World world);

  // For the embedded engine at `endpoint` ("http://127.0.0.1:4566"): fixed credentials, short
  // retries.
  static std::unique_ptr<Client> for_local_engine(std::string endpoint,
                                                  World world,
                                                  std::string region = "us-east-1");

  template <class Request>
  util::Result<typename Request::Response, Error> call(const Request& request) const {
    auto output = call(Request::operation(), request.to_node(awsapi::EmptyLists::omit));
    if (!output) {
      return util::unexpected(std::move(output.error()));
    }
    return Request::Response::from_node(*output);
  }

  // Every page, as one response whose result list has the items of all.
  template <class Request>
  util::Result<typename Request::Response, Error> call_all(const Request& request) const {
    auto output = call_all(Request::operation(), request.to_node(awsapi::EmptyLists::omit));
    if (!output) {
      return util::unexpected(std::move(output.error()));
    }
    return Request::Response::from_node(*output);
  }

  // Page after page to `visit(const Response&) -> bool`; false ends the walk early, which is no
  // error.
  template <class Request, class Visit>
  util::Result<void, Error> for_each_page(const Request& request, Visit visit) const {
    return for_each_page_node(
        Request::operation(),
        request.to_node(awsapi::EmptyLists::omit),
        [&](const doc::Node& page) { return visit(Request::Response::from_node(page)); });
  }

  // Independent requests, up to eight at a time; the answers stand in the order of the requests.
  template <class Request>
  std::vector<util::Result<typename Request::Response, Error>> call_each(
      const std::vector<Request>& requests) const {
    using Answer = util::Result<typename Request::Response, Error>;
    std::vector<Answer> answers(requests.size(), Answer{util::unexpected(Error{})});
    run_parallel(requests.size(), [&](std::size_t i) { answers[i] = call(requests[i]); });
    return answers;
  }

  util::Result<doc::Node, Error> call(const awsapi::Operation& operation, doc::Node input) const;
  util::Result<doc::Node, Error> call_all(const awsapi::Operation& operation,
                                          doc::Node input) const;
  util::Result<void, Error> for_each_page_node(
      const awsapi::Operation& operation,
      doc::Node input,
      const std::function<bool(const doc::Node&)>& visit) const;

  [[nodiscard]] const std::string& region() const { return options_.region; }

  // Where calls of the service go, without a path unless configured with one; empty when the
  // region or the configuration is no good.
  [[nodiscard]] std::string endpoint_url(const awsapi::Service& service) const;

 private:
  util::Result<doc::Node, Error> attempt(const awsapi::Operation& operation,
                                         const Endpoint& endpoint,
                                         const net::HttpRequest& unsigned_request,
                                         Failure& failure) const;
  static void run_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

  ClientOptions options_;
  std::unique_ptr<CredentialsProvider> credentials_;
  World world_;
  mutable RetryQuota quota_;
  mutable std::atomic<std::int64_t> clock_offset_millis_{0};  // the service's clock minus ours
};

}  // namespace aws
