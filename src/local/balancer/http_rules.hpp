#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/balancer/data_plane.hpp"
#include "net/http_codec.hpp"

namespace local::balancer {

// A request as an application load balancer's rules see it. Views into the request's head.
struct RequestFacts {
  std::string_view method;
  std::string_view host;    // of the Host header, without its port
  std::string_view path;    // as it was sent, not decoded
  std::string_view query;   // without the question mark
  std::string_view source;  // the client's address, numeric
  const std::vector<net::Header>* headers = nullptr;
};

// Splits the target of a request and its Host header. Nothing for a target that is neither a path,
// an http(s) URL (whose host then counts), nor "*".
std::optional<RequestFacts> facts_of(const net::HttpHead& head, std::string_view source);

// The path and query to send on: of a URL the part behind its host.
std::string_view origin_form(std::string_view target);
// The host and port that the request is for: of a URL in the request line, else of the Host header.
std::string_view authority_of(const net::HttpHead& head);

enum class Case : std::uint8_t { matters, ignored };
// `*` stands for any text, `?` for one character, `\` takes their meaning away.
bool matches_wildcards(std::string_view pattern, std::string_view text, Case letters);
// "10.0.0.0/8", "::1/128"; an address alone is a network of its own.
bool is_in_network(std::string_view address, std::string_view network);

bool holds(const Condition& condition, const RequestFacts& request);
bool all_hold(const std::vector<Condition>& conditions, const RequestFacts& request);

}  // namespace local::balancer
