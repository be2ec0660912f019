#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker/types.hpp"
#include "net/http_message.hpp"

// One blocking HTTP/1.1 connection to an engine. Blocking and streaming, so that a log or an event
// can be read as it comes; the asynchronous codec of src/net serves the other direction.
namespace docker {

struct Address {
  std::string unix_path;  // "/var/run/docker.sock"; empty for TCP
  std::string host;
  std::string port;
};

// "unix:///path", "tcp://host:port", "http://host:port", or a plain path. TLS and ssh are not
// supported.
Result<Address> parse_address(std::string_view host);

// Ends a blocked read from another thread. Level-triggered: once cancelled, always cancelled.
class Cancellation {
 public:
  Cancellation();
  ~Cancellation();
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void cancel();
  [[nodiscard]] bool cancelled() const;

  [[nodiscard]] int descriptor() const { return event_; }

 private:
  int event_ = -1;
};

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

struct HttpCall {
  std::string_view method;
  std::string target;  // "/v1.41/containers/json?all=1"
  std::vector<net::Header> headers;
  std::string_view body;
  std::string_view content_type = "application/json";
};

class HttpConnection {
 public:
  static Result<std::unique_ptr<HttpConnection>> open(const Address& address);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Sends the request and reads the head of the answer; the body follows through read_body.
  Result<net::HttpResponse> send(const HttpCall& call,
                                 Deadline deadline,
                                 const Cancellation* cancel);
  // Appends the next bytes of the body; false at its end.
  Result<bool> read_body(std::string& out, Deadline deadline, const Cancellation* cancel);

  // The whole answer was read and the peer keeps the connection open.
  [[nodiscard]] bool reusable() const { return body_ == Body::done && keep_alive_; }

  // Not one byte of an answer came: a request on a kept connection may be sent again.
  [[nodiscard]] bool untouched() const { return !answered_; }

 private:
  enum class Body : std::uint8_t { counted, chunked, until_close, done };

  explicit HttpConnection(int socket) : socket_(socket) {}

  Result<void> write_all(std::string_view bytes, Deadline deadline, const Cancellation* cancel);
  Result<bool> fill(Deadline deadline, const Cancellation* cancel);  // false = end of stream
  Result<std::string> read_line(Deadline deadline, const Cancellation* cancel);
  Result<bool> read_chunk(std::string& out, Deadline deadline, const Cancellation* cancel);
  void begin_body(const net::HttpResponse& head, bool no_body);

  int socket_;
  std::string buffer_;
  std::size_t at_ = 0;
  Body body_ = Body::done;
  std::size_t left_ = 0;  // of the counted body, or of the current chunk
  bool keep_alive_ = true;
  bool answered_ = false;
};

}  // namespace docker
