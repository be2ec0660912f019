#include "deploy/fronts.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/elbv2.hpp"
#include "util/strings.hpp"

namespace deploy {
namespace {

namespace elb = awsapi::elbv2;

// The local engine's load balancers are on this machine, below names that need no name server.
bool is_here(const std::string& host) {
  return host == "localhost" || host.starts_with("127.");
}

// "api.example.com" of "api.example.com" and "*.example.com" alike cannot be told apart from
// patterns by who reads a URL, so a pattern is no host.
bool is_plain(const std::string& text) {
  return text.find_first_of("*?") == std::string::npos;
}

// Where a rule's hosts are found; the load balancer's own name when it names none.
std::vector<std::string> hosts_of(const elb::Rule& rule, const std::string& balancer) {
  std::vector<std::string> hosts;
  for (const elb::RuleCondition& condition : rule.conditions) {
    if (condition.field != "host-header") {
      continue;
    }
    const auto& values =
        condition.host_header_config ? condition.host_header_config->values : condition.values;
    for (const std::string& value : values) {
      if (is_plain(value)) {
        const bool foreign = is_here(balancer) && !value.ends_with("localhost");
        hosts.push_back(foreign ? value + ".localhost" : value);
      }
    }
  }
  // A listener that moved to another loopback address is not where "*.localhost" leads.
  return hosts.empty() || (is_here(balancer) && balancer != "localhost")
             ? std::vector<std::string>{balancer}
             : hosts;
}

// "/api/" of the pattern "/api/*"; empty when all paths are meant.
std::string path_of(const elb::Rule& rule) {
  for (const elb::RuleCondition& condition : rule.conditions) {
    if (condition.field == "path-pattern") {
      const auto& values =
          condition.path_pattern_config ? condition.path_pattern_config->values : condition.values;
      const std::string first = values.empty() ? "" : values.front();
      const std::string path = first.substr(0, first.find_first_of("*?"));
      return path == "/" ? "" : path;
    }
  }
  return {};
}

void add_front(Fronts& fronts, const std::string& group, const Front& front) {
  const auto known = fronts.equal_range(group);
  if (std::none_of(
          known.first, known.second, [&](const auto& entry) { return entry.second == front; })) {
    fronts.emplace(group, front);
  }
}

void add_action(Fronts& fronts, const elb::Action& action, const Front& front) {
  if (action.forward_config) {
    for (const auto& group : action.forward_config->target_groups) {
      add_front(fronts, group.target_group_arn.value_or(""), front);
    }
  } else if (action.target_group_arn) {
    add_front(fronts, *action.target_group_arn, front);
  }
}

// As Api::for_each_page, for a service that calls its token a marker.
template <class Request, class F>
ApiResult<void> for_each_marked_page(Api& api, Request request, F take) {
  for (;;) {
    const auto page = api.send(request);
    if (!page) {
      return util::unexpected(page.error());
    }
    if (!take(*page) || page->next_marker.value_or("").empty()) {
      return {};
    }
    request.marker = page->next_marker;
  }
}

ApiResult<std::string> host_of(Api& api, const std::string& load_balancer) {
  elb::DescribeLoadBalancersRequest request;
  request.load_balancer_arns = {load_balancer};
  const auto answer = api.send(request);
  if (!answer) {
    return util::unexpected(answer.error());
  }
  return answer->load_balancers.empty() ? std::string()
                                        : answer->load_balancers.front().dns_name.value_or("");
}

// The local engine listens elsewhere when a port is reserved for the administrator, and says where
// by an attribute of its own.
ApiResult<std::int64_t> real_port(Api& api, const elb::Listener& listener, bool here) {
  const std::int64_t port = listener.port.value_or(0);
  if (!here || port >= 1024) {
    return port;
  }
  elb::DescribeListenerAttributesRequest request;
  request.listener_arn = listener.listener_arn.value_or("");
  const auto answer = api.send(request);
  if (!answer) {
    return util::unexpected(answer.error());
  }
  for (const elb::ListenerAttribute& attribute : answer->attributes) {
    if (attribute.key == "local.port") {
      return util::parse_int(attribute.value.value_or("")).value_or(port);
    }
  }
  return port;
}

ApiResult<void> add_listener(Api& api,
                             Fronts& fronts,
                             const elb::Listener& listener,
                             const std::string& host) {
  const auto port = real_port(api, listener, is_here(host));
  if (!port) {
    return util::unexpected(port.error());
  }
  const std::string protocol = util::to_lower(listener.protocol.value_or("tcp"));
  for (const elb::Action& action : listener.default_actions) {
    add_action(fronts, action, {host, *port, protocol, ""});
  }
  if (protocol != "http" && protocol != "https") {
    return {};
  }
  elb::DescribeRulesRequest request;
  request.listener_arn = listener.listener_arn;
  return for_each_marked_page(api, request, [&](const auto& page) {
    for (const elb::Rule& rule : page.rules) {
      for (const std::string& one : hosts_of(rule, host)) {
        for (const elb::Action& action : rule.actions) {
          add_action(fronts, action, {one, *port, protocol, path_of(rule)});
        }
      }
    }
    return true;
  });
}

}  // namespace

std::string Front::url() const {
  if (protocol != "http" && protocol != "https") {
    return {};
  }
  const bool implied = port == (protocol == "http" ? 80 : 443);
  return protocol + "://" + host + (implied ? "" : ":" + std::to_string(port)) + path;
}

ApiResult<Fronts> read_fronts(Api& api, const std::vector<std::string>& load_balancers) {
  Fronts fronts;
  for (const std::string& arn : load_balancers) {
    const auto host = host_of(api, arn);
    if (!host) {
      return util::unexpected(host.error());
    }
    elb::DescribeListenersRequest request;
    request.load_balancer_arn = arn;
    ApiResult<void> added;
    const auto read = for_each_marked_page(api, request, [&](const auto& page) {
      for (const elb::Listener& listener : page.listeners) {
        added = add_listener(api, fronts, listener, *host);
        if (!added) {
          return false;
        }
      }
      return true;
    });
    if (!read || !added) {
      return util::unexpected(read ? added.error() : read.error());
    }
  }
  return fronts;
}

}  // namespace deploy
