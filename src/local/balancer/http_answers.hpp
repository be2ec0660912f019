#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "local/balancer/data_plane.hpp"
#include "local/balancer/http_rules.hpp"
#include "net/http_codec.hpp"

namespace local::balancer {

// What an application load balancer answers by itself, in its own manner, and what it changes in
// the messages that pass through. Pure.

// Where a client came in.
struct ClientSide {
  std::string address;     // numeric
  std::uint16_t port = 0;  // its own
  bool tls = false;
  std::string tls_version = {};  // "TLSv1.3"
  std::string tls_cipher = {};
  std::uint16_t listener_port = 0;
};

struct OwnAnswer {
  int status = 503;
  std::string content_type = "text/html";
  std::string location = {};  // redirects
  std::string body = {};
};

// The page for an error: "<html>…502 Bad Gateway…".
OwnAnswer error_answer(int status);
OwnAnswer redirect_answer(const RedirectSpec& spec,
                          const RequestFacts& request,
                          const ClientSide& client);
OwnAnswer fixed_answer(const FixedResponseSpec& spec);
// Complete, with its body unless the request was a HEAD. `now` is for the Date header.
std::string write_answer(const OwnAnswer& answer,
                         bool keep_alive,
                         bool to_head,
                         bool server_header,
                         std::chrono::system_clock::time_point now);

struct ForwardContext {
  const ClientSide& client;
  const HttpSettings& settings;
  std::string_view trace_id;  // of this request: "1-67891234-12456789abcdef0123456789"
  const std::vector<Rewrite>& rewrites;
  bool upgrade = false;  // the request may turn into another protocol, and keeps saying so
};

// True for a request that asks to go on as WebSocket (or another protocol but HTTP/2).
bool asks_for_upgrade(const net::HttpHead& head);

// The head to send to a target: hop-by-hop headers out, X-Forwarded-* and X-Amzn-Trace-Id in.
std::string forwarded_request(const net::HttpHead& head, const ForwardContext& context);
// More than 30 addresses in X-Forwarded-For: the status 463.
bool has_too_long_forwarded_for(const net::HttpHead& head);

// How the body of an answer goes to the client.
enum class BodyTo : std::uint8_t { as_it_is, chunked, until_close };
BodyTo body_to_client(const net::HttpHead& response, int client_minor_version);
// The head to send to the client. `cookies`: complete values of Set-Cookie.
std::string forwarded_response(const net::HttpHead& response,
                               BodyTo body,
                               bool keep_alive,
                               const std::vector<std::string>& cookies);

// "Root=…", or the value of before with its Self field set.
std::string traced(std::string_view before, std::string_view trace_id);

}  // namespace local::balancer
