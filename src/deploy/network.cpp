#include "deploy/network.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "awsapi/ec2.hpp"

namespace deploy {
namespace {

namespace ec2 = awsapi::ec2;

ec2::Filter filter(std::string name, std::string value) {
  ec2::Filter out;
  out.name = std::move(name);
  out.values = {std::move(value)};
  return out;
}

util::Result<std::string, PlacementProblem> find_vpc(Api& api, const std::string& wanted) {
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
    return util::unexpected(PlacementProblem(
        Refusal{"the account has no default VPC in this region", "name one with `x-aws-vpc`"}));
  }
  return answer->vpcs.front().vpc_id.value_or("");
}

bool leads_to_internet(const ec2::RouteTable& table) {
  for (const ec2::Route& route : table.routes) {
    if (route.gateway_id && route.gateway_id->starts_with("igw-") &&
        route.state.value_or("active") == "active") {
      return true;
    }
  }
  return false;
}

// Subnets of the VPC that are reached from the internet. Nothing when the route tables cannot be
// read.
class PublicSubnets {
 public:
  PublicSubnets(Api& api, const std::string& vpc_id) {
    ec2::DescribeRouteTablesRequest request;
    request.filters.push_back(filter("vpc-id", vpc_id));
    readable_ = api.for_each_page(request,
                                  [this](const ec2::DescribeRouteTablesResponse& page) {
                                    for (const ec2::RouteTable& table : page.route_tables) {
                                      take(table);
                                    }
                                    return true;
                                  })
                    .has_value();
  }

  [[nodiscard]] bool contains(const ec2::Subnet& subnet) const {
    const auto own = by_subnet_.find(subnet.subnet_id.value_or(""));
    return !readable_ || (own == by_subnet_.end() ? main_is_public_ : own->second);
  }

 private:
  void take(const ec2::RouteTable& table) {
    const bool is_public = leads_to_internet(table);
    for (const ec2::RouteTableAssociation& association : table.associations) {
      if (association.main.value_or(false)) {
        main_is_public_ = is_public;
      }
      if (association.subnet_id) {
        by_subnet_[*association.subnet_id] = is_public;
      }
    }
  }

  std::map<std::string, bool> by_subnet_;
  bool main_is_public_ = false;
  bool readable_ = false;
};

using SubnetByZone = std::map<std::string, std::string>;

// The smallest id of each zone, so that the choice is the same the next time.
void choose(SubnetByZone& chosen, const ec2::Subnet& subnet) {
  const std::string id = subnet.subnet_id.value_or("");
  const auto [at, is_new] = chosen.emplace(subnet.availability_zone.value_or(""), id);
  if (!is_new && id < at->second) {
    at->second = id;
  }
}

}  // namespace

util::Result<Placement, PlacementProblem> find_placement(Api& api, const std::string& vpc_id) {
  auto vpc = find_vpc(api, vpc_id);
  if (!vpc) {
    return util::unexpected(std::move(vpc.error()));
  }
  const PublicSubnets public_subnets(api, *vpc);
  ec2::DescribeSubnetsRequest request;
  request.filters.push_back(filter("vpc-id", *vpc));
  SubnetByZone chosen;
  auto read = api.for_each_page(request, [&](const ec2::DescribeSubnetsResponse& page) {
    for (const ec2::Subnet& subnet : page.subnets) {
      if (public_subnets.contains(subnet)) {
        choose(chosen, subnet);
      }
    }
    return true;
  });
  if (!read) {
    return util::unexpected(PlacementProblem(std::move(read.error())));
  }
  if (chosen.size() < 2) {
    return util::unexpected(PlacementProblem(Refusal{
        "VPC " + *vpc + " has public subnets in " + std::to_string(chosen.size()) +
            " availability zones: a load balancer needs two",
        "name another VPC with `x-aws-vpc`, or add subnets with a route to an internet gateway"}));
  }
  Placement out{*vpc, {}};
  for (auto& [zone, id] : chosen) {
    out.subnet_ids.push_back(std::move(id));
  }
  return out;
}

}  // namespace deploy
