#include "deploy/services.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/cloudformation.hpp"
#include "awsapi/ecs.hpp"
#include "deploy/fronts.hpp"
#include "util/strings.hpp"

namespace deploy {
namespace {

namespace ecs = awsapi::ecs;

constexpr std::size_t kServicesPerCall = 10;  // DescribeServices

struct StackParts {
  std::vector<std::string> services;  // ARNs
  // ARNs; those that exist outside of the stack are found by its listeners and rules.
  std::vector<std::string> load_balancers;
};

// arn:…:listener/app/<name>/<id>/<listener> and arn:…:listener-rule/app/<name>/<id>/<listener>/…
// tell the load balancer's ARN. Empty for other things.
std::string load_balancer_of(const std::string& type, const std::string& arn) {
  constexpr std::string_view kFamily = "AWS::ElasticLoadBalancingV2::";
  if (type == std::string(kFamily) + "LoadBalancer") {
    return arn;
  }
  const std::vector<std::string> parts = util::split(arn, '/');
  if (!type.starts_with(std::string(kFamily) + "Listener") || parts.size() < 5) {
    return {};
  }
  const std::size_t colon = parts[0].rfind(':');
  return parts[0].substr(0, colon) + ":loadbalancer/" + parts[1] + "/" + parts[2] + "/" + parts[3];
}

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (!item.empty() && std::find(list.begin(), list.end(), item) == list.end()) {
    list.push_back(item);
  }
}

ApiResult<StackParts> read_parts(Api& api, const RemoteStack& stack) {
  awsapi::cloudformation::ListStackResourcesRequest request;
  request.stack_name = stack.id.empty() ? stack.name : stack.id;
  StackParts parts;
  auto read = api.for_each_page(request, [&](const auto& page) {
    for (const auto& resource : page.stack_resource_summaries) {
      const std::string id = resource.physical_resource_id.value_or("");
      if (id.empty() || resource.resource_status.starts_with("DELETE_COMPLETE")) {
        continue;
      }
      if (resource.resource_type == "AWS::ECS::Service") {
        parts.services.push_back(id);
      } else {
        add_once(parts.load_balancers, load_balancer_of(resource.resource_type, id));
      }
    }
    return true;
  });
  if (!read) {
    return util::unexpected(std::move(read.error()));
  }
  return parts;
}

std::int64_t port_of(std::string_view url) {
  const std::size_t colon = url.rfind(':');
  const auto port = util::parse_int(url.substr(colon + 1));
  return port.value_or(url.starts_with("https:") ? 443 : 80);
}

// Of a TCP listener the stack's outputs tell what is spoken on its port (`http://<name>:5000`);
// where it is reached, the load balancer knows best.
std::string url_of(const RemoteStack& stack, const Front& front) {
  if (std::string url = front.url(); !url.empty()) {
    return url;
  }
  for (const StackOutput& output : stack.outputs) {
    const std::size_t scheme_end = output.value.find("://");
    if (!output.name.ends_with("Url") || scheme_end == std::string::npos ||
        port_of(output.value) != front.port) {
      continue;
    }
    const std::string scheme = output.value.substr(0, scheme_end + 3);
    const bool implied =
        (front.port == 80 && scheme == "http://") || (front.port == 443 && scheme == "https://");
    return scheme + front.host + (implied ? "" : ":" + std::to_string(front.port));
  }
  return {};
}

ServiceStatus to_status(const ecs::Service& service,
                        const RemoteStack& stack,
                        const Fronts& fronts) {
  ServiceStatus out;
  out.id = service.service_name.value_or("");
  out.arn = service.service_arn.value_or("");
  out.running = service.running_count.value_or(0);
  out.desired = service.desired_count.value_or(0);
  out.pending = service.pending_count.value_or(0);
  out.status = service.status.value_or("");
  for (const ecs::Tag& tag : service.tags) {
    if (tag.key.value_or("") == "com.docker.compose.service") {
      out.name = tag.value.value_or("");
    }
  }
  for (const ecs::Deployment& deployment : service.deployments) {
    if (deployment.status.value_or("") == "PRIMARY") {
      out.rollout = deployment.rollout_state.value_or("");
      out.rollout_reason = deployment.rollout_state_reason.value_or("");
    }
  }
  for (const ecs::LoadBalancer& target : service.load_balancers) {
    const auto range = fronts.equal_range(target.target_group_arn.value_or(""));
    for (auto at = range.first; at != range.second; ++at) {
      out.publishers.push_back({at->second.host,
                                at->second.port,
                                target.container_port.value_or(0),
                                at->second.protocol.ends_with("udp") ? "udp" : "tcp",
                                url_of(stack, at->second)});
    }
  }
  return out;
}

}  // namespace

ApiResult<std::vector<ServiceStatus>> read_services(Api& api, const RemoteStack& stack) {
  auto parts = read_parts(api, stack);
  if (!parts) {
    return util::unexpected(std::move(parts.error()));
  }
  auto fronts = read_fronts(api, parts->load_balancers);
  if (!fronts) {
    return util::unexpected(std::move(fronts.error()));
  }
  std::vector<ServiceStatus> out;
  for (std::size_t i = 0; i < parts->services.size(); i += kServicesPerCall) {
    ecs::DescribeServicesRequest request;
    const std::vector<std::string> arn = util::split(parts->services[i], '/');
    request.cluster = arn.size() == 3 ? arn[1] : std::string("default");
    const std::size_t end = std::min(i + kServicesPerCall, parts->services.size());
    for (std::size_t k = i; k < end; ++k) {
      request.services.push_back(parts->services[k]);
    }
    request.include = {"TAGS"};
    const auto answer = api.send(request);
    if (!answer) {
      return util::unexpected(answer.error());
    }
    for (const ecs::Service& service : answer->services) {
      out.push_back(to_status(service, stack, *fronts));
    }
  }
  std::sort(out.begin(), out.end(), [](const ServiceStatus& a, const ServiceStatus& b) {
    return std::pair(a.name, a.id) < std::pair(b.name, b.id);
  });
  return out;
}

}  // namespace deploy
