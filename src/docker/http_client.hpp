#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.hpp"
#include "docker/http_connection.hpp"
#include "docker/types.hpp"

namespace docker {

// Calls over kept connections, with the API version that both sides know. Safe to use from many
// threads.
class HttpClient {
 public:
  static constexpr std::chrono::seconds kShort{120};  // many concurrent starts on a slow machine
  static constexpr std::chrono::seconds kLong{
      3600};  // pulls and loads: the engine reports when nothing moves

  struct Answer {
    int status = 0;
    std::string body;
  };

  using OnBytes = std::function<void(std::string&)>;  // takes what it can from the front

  explicit HttpClient(Address address) : address_(std::move(address)) {}

  // `call.target` is used as it is; any status is an answer.
  Result<Answer> exchange(const HttpCall& call, std::chrono::milliseconds limit);
  // `path` is below the API version; a status of 400 or more is an error.
  Result<Answer> call(std::string_view method,
                      std::string_view path,
                      std::string_view body = {},
                      std::chrono::milliseconds limit = kShort,
                      std::vector<net::Header> headers = {});
  Result<Answer> upload(std::string_view method, std::string_view path, std::string_view archive);
  Result<doc::Node> call_json(std::string_view method,
                              std::string_view path,
                              std::string_view body = {});
  // A GET on a connection of its own, for as long as it lasts or until cancelled.
  Result<void> read_stream(const std::string& path,
                           const Cancellation& cancel,
                           const std::function<void()>& on_open,
                           const OnBytes& on_bytes);
  Result<Version> version();

 private:
  Result<std::string> api_path();  // "/v1.41"
  std::unique_ptr<HttpConnection> idle_connection();
  void keep(std::unique_ptr<HttpConnection> connection);

  Address address_;
  std::mutex mutex_;  // guards the two below
  std::vector<std::unique_ptr<HttpConnection>> idle_;
  std::string api_path_;
};

// What an HTTP status and Docker's words about it amount to.
ErrorKind kind_of(int status, std::string_view message);

}  // namespace docker
