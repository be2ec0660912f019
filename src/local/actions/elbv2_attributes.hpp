#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "local/actions/elbv2_records.hpp"
#include "local/api_error.hpp"

namespace local::elbv2 {

// The attributes of load balancers, target groups and listeners: which there are, what they are
// worth when nobody sets them, which values AWS takes, and which of those the engine does not do.

enum class AttributesOf : std::uint8_t {
  application_balancer,
  network_balancer,
  http_group,    // HTTP and HTTPS
  stream_group,  // TCP, TLS, UDP, TCP_UDP
  http_listener,
  https_listener,
  tcp_listener,
  tls_listener,
  udp_listener,  // and TCP_UDP
};

AttributesOf attributes_of_balancer(std::string_view type);
AttributesOf attributes_of_group(std::string_view protocol);
AttributesOf attributes_of_listener(std::string_view protocol);

Attributes default_attributes(AttributesOf owner);
std::optional<ApiError> check_attribute(AttributesOf owner,
                                        const std::string& key,
                                        const std::string& value);
// What only all of them together can show.
std::optional<ApiError> check_together(AttributesOf owner, const Attributes& attributes);

// As the wire has them; `Wire` has a key and a value.
template <class Wire>
std::vector<Wire> shown_attributes(const Attributes& attributes) {
  std::vector<Wire> out;
  for (const auto& [key, value] : attributes) {
    out.push_back({key, value});
  }
  return out;
}

// Sets them all, or none.
template <class Wire>
std::optional<ApiError> set_attributes(AttributesOf owner,
                                       Attributes& attributes,
                                       const std::vector<Wire>& wanted) {
  Attributes changed = attributes;
  for (const Wire& one : wanted) {
    const std::string key = one.key.value_or("");
    const std::string value = one.value.value_or("");
    if (auto problem = check_attribute(owner, key, value)) {
      return problem;
    }
    changed[key] = value;
  }
  if (auto problem = check_together(owner, changed)) {
    return problem;
  }
  attributes = std::move(changed);
  return std::nullopt;
}

}  // namespace local::elbv2
