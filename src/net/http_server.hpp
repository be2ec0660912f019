#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "net/event_loop.hpp"
#include "net/http_codec.hpp"
#include "net/http_message.hpp"
#include "util/fd.hpp"

namespace net {

struct HttpServerOptions {
  HttpLimits limits = {};
  std::chrono::milliseconds request_timeout{30'000};  // from a request's first byte to its last
  std::chrono::milliseconds idle_timeout{75'000};     // between requests
  std::chrono::milliseconds write_timeout{30'000};    // without progress while answering
  std::size_t connections = 1024;                     // more wait in the kernel's queue
};

// Serves HTTP/1.1 on one listening socket, on the loop's thread. Requests of one connection are
// handed over one after the other, the next when the answer to the one before is written, so
// pipelining clients get answers in order.
class HttpServer {
 public:
  // Call it once, from any thread, at once or later. The loop must outlive it; the server and the
  // client need not.
  using Reply = std::function<void(HttpResponse)>;
  // Called on the loop's thread; must not block. `request.url` is the origin form ("/path?query").
  using Handler = std::function<void(HttpRequest request, Reply reply)>;

  HttpServer(EventLoop& loop, util::Fd listener, Handler handler, HttpServerOptions options = {});
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();  // on the loop's thread, or when the loop does not run; closes every connection

 private:
  class Core;
  class Connection;
  std::shared_ptr<Core> core_;
};

}  // namespace net
