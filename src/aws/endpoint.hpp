#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "util/result.hpp"

namespace aws {

struct Endpoint {
  std::string
      url;  // "https://ecs.eu-west-1.amazonaws.com", without a path unless configured with one
  std::string signing_region;
};

struct EndpointOptions {
  bool fips = false;
  bool dual_stack = false;
  std::string url;  // for every service ("AWS_ENDPOINT_URL"); empty = AWS's own
  std::map<std::string, std::string, std::less<>>
      service_urls;  // by service name ("elbv2"); win over `url`
};

// "aws", "aws-cn", "aws-us-gov", … by the region's name. Unknown names belong to "aws".
std::string_view partition_of(std::string_view region);

// AWS's endpoint rules for a service (botocore's name, "ecs", and endpoint prefix) in a region. The
// error says what is wrong with the region.
util::Result<Endpoint, std::string> resolve_endpoint(std::string_view service,
                                                     std::string_view endpoint_prefix,
                                                     std::string_view region,
                                                     const EndpointOptions& options);

// A region's name as part of a host name: letters, digits and inner dashes.
bool is_region_name(std::string_view text);

}  // namespace aws
