#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "net/http_transport.hpp"

namespace net {

// Takes the next piece of a body; false ends the exchange early.
using BodySink = std::function<bool(std::string_view piece)>;

// A door that can also hand over a body while it arrives (logs, events, progress of a pull).
class StreamingTransport : public HttpTransport {
 public:
  // The pieces of a 2xx answer's body go to `sink` as they arrive; any other answer's body is in
  // the response. request.timeout covers everything up to the answer's headers; from there on only
  // `stop` or the sink ends it. Ended by either: TransportError::Kind::cancelled. A body cut short:
  // Kind::protocol.
  virtual util::Result<HttpResponse, TransportError> stream(const HttpRequest& request,
                                                            const BodySink& sink,
                                                            std::stop_token stop) = 0;
};

// Plain HTTP/1.1 over TCP or a unix socket, blocking, without a proxy and without TLS: the Docker
// Engine's socket and endpoints on this machine. Keeps finished connections for the next request;
// safe to call from many threads, each call has a connection of its own. Answers are never followed
// to another place and bodies are limited to 256 MiB (streams are not).
class SocketTransport final : public StreamingTransport {
 public:
  // Connects to where each request's URL says ("http://host[:port]/..."); other schemes fail with
  // Kind::protocol.
  SocketTransport();
  // Connects to this unix socket, whatever host the URL has ("http://docker/v1.41/info").
  static std::unique_ptr<SocketTransport> to_unix_socket(std::string path);
  ~SocketTransport() override;

  util::Result<HttpResponse, TransportError> send(const HttpRequest& request) override;
  util::Result<HttpResponse, TransportError> stream(const HttpRequest& request,
                                                    const BodySink& sink,
                                                    std::stop_token stop) override;

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace net
