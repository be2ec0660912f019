#include "deploy/network.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "awsapi/ec2.hpp"
#include "deploy/subnets.hpp"
#include "util/strings.hpp"

namespace deploy {
namespace {

namespace ec2 = awsapi::ec2;

template <class T>
using Found = util::Result<T, PlacementProblem>;

auto refusal(std::string message, std::string help) {
  return util::unexpected(PlacementProblem(Refusal{std::move(message), std::move(help)}));
}

ec2::Filter filter(std::string name, std::string value) {
  ec2::Filter out;
  out.name = std::move(name);
  out.values = {std::move(value)};
  return out;
}

Found<std::string> find_vpc(Api& api, const std::string& wanted) {
  ec2::DescribeVpcsRequest request;
  if (wanted.empty()) {
    request.filters.push_back(filter("is-default", "true"));
  } else {
    request.vpc_ids = {wanted};
  }
  const auto answer = api.send(request);
  if (!answer) {
    return util::unexpected(PlacementProblem(answer.error()));
  }
  if (answer->vpcs.empty()) {
    return refusal("the account has no default VPC in this region", "name one with `x-aws-vpc`");
  }
  return answer->vpcs.front().vpc_id.value_or("");
}

Found<std::string> vpc_of_subnet(Api& api, const std::string& subnet) {
  ec2::DescribeSubnetsRequest request;
  request.subnet_ids = {subnet};
  const auto answer = api.send(request);
  if (!answer) {
    return util::unexpected(PlacementProblem(answer.error()));
  }
  return answer->subnets.empty() ? std::string() : answer->subnets.front().vpc_id.value_or("");
}

// Names do not resolve in a VPC without these; asked for without the right to know, it is let be.
Found<void> check_dns(Api& api, const std::string& vpc_id) {
  for (const std::string attribute : {"enableDnsSupport", "enableDnsHostnames"}) {
    ec2::DescribeVpcAttributeRequest request;
    request.vpc_id = vpc_id;
    request.attribute = attribute;
    const auto answer = api.send(request);
    if (!answer) {
      continue;
    }
    const auto& value =
        attribute == "enableDnsSupport" ? answer->enable_dns_support : answer->enable_dns_hostnames;
    if (value && !value->value.value_or(true)) {
      return refusal(
          "`" + attribute + "` of VPC " + vpc_id + " is off: services would not find each other",
          "aws ec2 modify-vpc-attribute --vpc-id " + vpc_id + " --" +
              (attribute == "enableDnsSupport" ? "enable-dns-support" : "enable-dns-hostnames"));
    }
  }
  return {};
}

using Subnets = std::vector<SubnetFacts>;

// The first of each zone among those that qualify: the same choice the next time.
template <class F>
Subnets one_a_zone(const Subnets& all, F qualifies) {
  Subnets out;
  for (const SubnetFacts& subnet : all) {
    if (qualifies(subnet) && (out.empty() || out.back().zone != subnet.zone)) {
      out.push_back(subnet);
    }
  }
  return out;
}

std::vector<std::string> ids(const Subnets& subnets) {
  std::vector<std::string> out;
  for (const SubnetFacts& subnet : subnets) {
    out.push_back(subnet.id);
  }
  return out;
}

Subnets public_subnets(const Subnets& all) {
  return one_a_zone(all, [](const SubnetFacts& subnet) { return subnet.is_public(); });
}

Subnets private_subnets(const Subnets& all) {
  const Subnets with_way_out =
      one_a_zone(all, [](const SubnetFacts& subnet) { return subnet.way_out == WayOut::other; });
  return with_way_out.empty()
             ? one_a_zone(all, [](const SubnetFacts& subnet) { return !subnet.is_public(); })
             : with_way_out;
}

// All of them, the first of each zone before the others: a volume has one mount target a zone, in
// the first two.
Subnets listed_subnets(const Subnets& all, const std::vector<std::string>& listed) {
  const auto is_listed = [&](const SubnetFacts& subnet) {
    return std::find(listed.begin(), listed.end(), subnet.id) != listed.end();
  };
  Subnets out = one_a_zone(all, is_listed);
  const std::size_t firsts = out.size();
  for (const SubnetFacts& subnet : all) {
    const auto end = out.begin() + static_cast<std::ptrdiff_t>(firsts);
    const bool taken = std::any_of(
        out.begin(), end, [&](const SubnetFacts& first) { return first.id == subnet.id; });
    if (is_listed(subnet) && !taken) {
      out.push_back(subnet);
    }
  }
  return out;
}

Subnets wished_subnets(const Subnets& all, const PlacementWish& wish) {
  switch (wish.subnets) {
    case SubnetWish::in_public: return public_subnets(all);
    case SubnetWish::in_private: return private_subnets(all);
    case SubnetWish::listed: return listed_subnets(all, wish.subnet_ids);
    case SubnetWish::tagged:
      return one_a_zone(all, [&](const SubnetFacts& subnet) {
        return std::find(subnet.tags.begin(), subnet.tags.end(), wish.tag) != subnet.tags.end();
      });
    case SubnetWish::automatic: break;
  }
  const Subnets routed =
      one_a_zone(all, [](const SubnetFacts& subnet) { return subnet.way_out == WayOut::other; });
  return routed.size() >= 2 ? routed : public_subnets(all);
}

std::string wish_text(const PlacementWish& wish) {
  switch (wish.subnets) {
    case SubnetWish::in_private: return "private subnets";
    case SubnetWish::listed: return "of the named subnets, some";
    case SubnetWish::tagged: return "subnets tagged " + wish.tag;
    case SubnetWish::automatic:
    case SubnetWish::in_public: break;
  }
  return "public subnets";
}

Found<void> check_task_subnets(const Subnets& chosen,
                               const PlacementWish& wish,
                               const std::string& vpc_id) {
  std::set<std::string> zones;
  for (const SubnetFacts& subnet : chosen) {
    zones.insert(subnet.zone);
  }
  if (zones.size() >= 2) {
    return {};
  }
  return refusal(
      "VPC " + vpc_id + " has " + wish_text(wish) + " in " + std::to_string(zones.size()) +
          " availability zones: two are needed",
      "name another VPC with `x-aws-vpc` (`new` makes one), or other subnets with `x-aws-subnets`");
}

// The services that a Fargate task calls before its first container runs.
constexpr std::array<std::string_view, 4> kStartServices = {"ecr.api", "ecr.dkr", "s3", "logs"};

Found<bool> has_endpoints(Api& api, const std::string& vpc_id, std::vector<std::string>& missing) {
  ec2::DescribeVpcEndpointsRequest request;
  request.filters.push_back(filter("vpc-id", vpc_id));
  std::set<std::string> present;
  auto read = api.for_each_page(request, [&](const ec2::DescribeVpcEndpointsResponse& page) {
    for (const ec2::VpcEndpoint& endpoint : page.vpc_endpoints) {
      const std::string name = endpoint.service_name.value_or("");
      for (const std::string_view service : kStartServices) {
        if (name.ends_with("." + std::string(service))) {
          present.insert(std::string(service));
        }
      }
    }
    return true;
  });
  if (!read) {
    return util::unexpected(PlacementProblem(std::move(read.error())));
  }
  for (const std::string_view service : kStartServices) {
    if (!present.contains(std::string(service))) {
      missing.emplace_back(service);
    }
  }
  return missing.empty();
}

// Says how tasks in these subnets get out; refuses when they do not.
Found<std::string> egress_of(Api& api, const Subnets& chosen, const std::string& vpc_id) {
  const auto any = [&](WayOut way_out) {
    return std::any_of(chosen.begin(), chosen.end(), [&](const SubnetFacts& subnet) {
      return subnet.way_out == way_out;
    });
  };
  if (any(WayOut::unknown)) {
    return std::string("the route tables cannot be read, so the subnets count as public");
  }
  if (!any(WayOut::none)) {
    return std::string(any(WayOut::internet_gateway) ? "with public addresses"
                                                     : "by the route of their subnets");
  }
  std::vector<std::string> missing;
  auto complete = has_endpoints(api, vpc_id, missing);
  if (!complete) {
    return util::unexpected(std::move(complete.error()));
  }
  if (*complete) {
    return std::string("by VPC endpoints, so only to AWS and to images in ECR");
  }
  const auto closed = std::find_if(chosen.begin(), chosen.end(), [](const SubnetFacts& subnet) {
    return subnet.way_out == WayOut::none;
  });
  return refusal(
      "tasks in " + closed->id + " could not pull their images: the subnet has no route out",
      "add a NAT gateway, or VPC endpoints (missing: " + util::join(missing, ", ") +
          "), or name public subnets with `x-aws-network: {subnets: public}`");
}

Found<Subnets> find_balancer_subnets(const Subnets& all,
                                     const Subnets& of_tasks,
                                     const PlacementWish& wish,
                                     const std::string& vpc_id) {
  if (!wish.with_balancer) {
    return Subnets{};
  }
  if (wish.internal_balancer) {
    return one_a_zone(of_tasks, [](const SubnetFacts&) { return true; });
  }
  const auto is_public = [](const SubnetFacts& subnet) { return subnet.is_public(); };
  Subnets out = one_a_zone(of_tasks, is_public);
  if (out.size() < 2) {
    out = public_subnets(all);
  }
  if (out.size() >= 2) {
    return out;
  }
  return refusal("VPC " + vpc_id + " has public subnets in " + std::to_string(out.size()) +
                     " availability zones: a load balancer needs two",
                 "make it internal with `x-aws-network: {loadbalancer: internal}`, name another "
                 "VPC with `x-aws-vpc`, or add subnets with a route to an internet gateway");
}

}  // namespace

Found<Placement> find_placement(Api& api, const PlacementWish& wish) {
  auto vpc = wish.vpc_id.empty() && wish.subnets == SubnetWish::listed && !wish.subnet_ids.empty()
                 ? vpc_of_subnet(api, wish.subnet_ids.front())
                 : find_vpc(api, wish.vpc_id);
  if (!vpc) {
    return util::unexpected(std::move(vpc.error()));
  }
  if (auto dns = check_dns(api, *vpc); !dns) {
    return util::unexpected(std::move(dns.error()));
  }
  auto all = read_subnets(api, *vpc);
  if (!all) {
    return util::unexpected(PlacementProblem(std::move(all.error())));
  }
  const Subnets tasks = wished_subnets(*all, wish);
  if (auto enough = check_task_subnets(tasks, wish, *vpc); !enough) {
    return util::unexpected(std::move(enough.error()));
  }
  auto egress = egress_of(api, tasks, *vpc);
  if (!egress) {
    return util::unexpected(std::move(egress.error()));
  }
  auto balancer = find_balancer_subnets(*all, tasks, wish, *vpc);
  if (!balancer) {
    return util::unexpected(std::move(balancer.error()));
  }
  const bool is_public = std::any_of(
      tasks.begin(), tasks.end(), [](const SubnetFacts& subnet) { return subnet.is_public(); });
  return Placement{*vpc,
                   ids(tasks),
                   ids(*balancer),
                   is_public,
                   "tasks run in " + std::string(is_public ? "public" : "private") +
                       " subnets of " + *vpc + " and get out " + *egress};
}

}  // namespace deploy
