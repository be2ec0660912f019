#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "awsapi/shape.hpp"
#include "doc/node.hpp"
#include "local/api_error.hpp"
#include "net/event_loop.hpp"
#include "net/http_server.hpp"
#include "util/fd.hpp"
#include "util/result.hpp"

namespace local {

// What the endpoint needs of the engine and the process around it.
struct EndpointPorts {
  using Answer = std::function<void(util::Result<doc::Node, ApiError>)>;
  // Engine::post_call: runs the operation elsewhere and calls `done` once, on any thread.
  std::function<void(const awsapi::Operation& operation, doc::Node input, Answer done)> call;
  // What `GET /` says: the engine's description, and whether Docker answers. Called on the loop's
  // thread.
  std::function<doc::Node()> health;
  // A new request id (a UUID). Called on the loop's thread.
  std::function<std::string()> request_id;
};

// The engine's door: AWS's wire protocols over HTTP on a loopback listener, for any AWS client.
// Signatures are not checked (whoever reaches a loopback socket may do as this user does), but web
// pages are kept out: a request must name a loopback host, and none that a browser sends on behalf
// of another site is served.
class Endpoint {
 public:
  // `loop` must run on one thread and outlive every answer.
  Endpoint(net::EventLoop& loop, util::Fd listener, EndpointPorts ports);

 private:
  void serve(const net::HttpRequest& request, const net::HttpServer::Reply& reply);
  void serve_call(const net::HttpRequest& request, const net::HttpServer::Reply& reply);
  [[nodiscard]] net::HttpResponse health() const;

  net::EventLoop& loop_;
  EndpointPorts ports_;
  net::HttpServer server_;
};

// "localhost", "x.localhost", 127.0.0.0/8 or [::1], with any port: the Host headers that are
// served. Anything else may be a name that a web page made resolve to this machine.
bool names_loopback(std::string_view host_header);

// A random UUID of version 4. Safe from any thread.
std::string random_uuid();

}  // namespace local
