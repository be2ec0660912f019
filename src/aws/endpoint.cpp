#include "aws/endpoint.hpp"

#include <algorithm>
#include <array>

#include "net/url.hpp"
#include "util/strings.hpp"

namespace aws {
namespace {

struct Partition {
  std::string_view name;
  std::string_view region_prefix;
  std::string_view suffix;
  std::string_view dual_stack_suffix;
  std::string_view global_region;  // which signs for iam
};

// The first prefix that fits wins, so the commercial regions come last.
constexpr std::array<Partition, 8> kPartitions{{
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-north-1"},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "us-gov-west-1"},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"},
    {"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"},
    {"aws", "", "amazonaws.com", "api.aws", "us-east-1"},
}};

const Partition& partition_for(std::string_view region) {
  return *std::find_if(kPartitions.begin(), kPartitions.end(), [&](const Partition& p) {
    return region.starts_with(p.region_prefix);
  });
}

// IAM is one service for a whole partition.
std::string iam_host(const Partition& partition, const EndpointOptions& options) {
  const std::string region(partition.global_region);
  const std::string suffix(partition.suffix);
  const std::string dual_stack_suffix(partition.dual_stack_suffix);
  const bool isolated = partition.name.starts_with("aws-iso");
  const bool commercial = partition.name == "aws";
  if (partition.name == "aws-us-gov") {
    return options.dual_stack ? "iam.us-gov.api.aws" : "iam.us-gov.amazonaws.com";
  }
  if (options.dual_stack) {
    return options.fips ? (commercial ? "iam-fips.global." : "iam-fips.") + dual_stack_suffix
                        : (isolated ? "iam." : "iam.global.") + dual_stack_suffix;
  }
  if (options.fips) {
    return "iam-fips." + (isolated ? region + "." : "") + suffix;
  }
  return "iam." + (commercial ? "" : region + ".") + suffix;
}

// In the GovCloud these plain hosts are the FIPS ones.
bool plain_is_fips(std::string_view service, const Partition& partition) {
  if (partition.name != "aws-us-gov") {
    return false;
  }
  for (const std::string_view name : {"cloudformation", "ec2", "elbv2", "logs", "sts", "ssm"}) {
    if (service == name) {
      return true;
    }
  }
  return false;
}

// Secrets Manager's rules know no dual-stack hosts in the older partitions.
bool without_dual_stack(std::string_view service, const Partition& partition, bool fips) {
  const bool older = partition.name == "aws" || partition.name == "aws-us-gov" ||
                     (partition.name == "aws-cn" && !fips);
  return service == "secretsmanager" && older;
}

// EFS goes by its short name where hosts are dual-stack in the older partitions.
bool is_short_there(std::string_view service, const Partition& partition) {
  return service == "efs" &&
         (partition.name == "aws" || partition.name == "aws-us-gov" || partition.name == "aws-cn");
}

Endpoint regional_endpoint(std::string_view service,
                           std::string_view prefix,
                           std::string_view region,
                           const EndpointOptions& options) {
  const Partition& partition = partition_for(region);
  const bool dual_stack =
      options.dual_stack && !without_dual_stack(service, partition, options.fips);
  std::string host(dual_stack && is_short_there(service, partition) ? service : prefix);
  if (options.fips && (dual_stack || !plain_is_fips(service, partition))) {
    host += "-fips";
  }
  if (service == "s3") {  // whose dual-stack hosts are older than the suffixes for them
    host += dual_stack ? ".dualstack" : "";
    return {"https://" + host + "." + std::string(region) + "." + std::string(partition.suffix),
            std::string(region)};
  }
  host += "." + std::string(region) + "." +
          std::string(dual_stack ? partition.dual_stack_suffix : partition.suffix);
  return {"https://" + host, std::string(region)};
}

}  // namespace

std::string_view partition_of(std::string_view region) {
  return partition_for(region).name;
}

bool is_region_name(std::string_view text) {
  const bool allowed =
      std::all_of(text.begin(), text.end(), [](char c) { return util::is_alnum(c) || c == '-'; });
  return allowed && !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-';
}

util::Result<Endpoint, std::string> resolve_endpoint(std::string_view service,
                                                     std::string_view endpoint_prefix,
                                                     std::string_view region,
                                                     const EndpointOptions& options) {
  if (!is_region_name(region)) {
    return util::unexpected("\"" + std::string(region) + "\" is not the name of a region");
  }
  const auto own = options.service_urls.find(service);
  const std::string& configured = own != options.service_urls.end() ? own->second : options.url;
  if (configured.empty()) {
    const Partition& partition = partition_for(region);
    return service == "iam" ? Endpoint{"https://" + iam_host(partition, options),
                                       std::string(partition.global_region)}
                            : regional_endpoint(service, endpoint_prefix, region, options);
  }
  if (!net::parse_url(configured)) {
    return util::unexpected("\"" + configured + "\" is not the URL of an endpoint");
  }
  std::string url = configured;
  while (url.ends_with('/')) {
    url.pop_back();
  }
  const std::string_view signing = service == "iam" ? partition_for(region).global_region : region;
  return Endpoint{std::move(url), std::string(signing)};
}

}  // namespace aws
