#include "deploy/subnets.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "awsapi/ec2.hpp"

namespace deploy {
namespace {

namespace ec2 = awsapi::ec2;

ec2::Filter vpc_filter(const std::string& vpc_id) {
  ec2::Filter out;
  out.name = "vpc-id";
  out.values = {vpc_id};
  return out;
}

bool is_default_route(const ec2::Route& route) {
  return route.destination_cidr_block.value_or("0.0.0.0/0") == "0.0.0.0/0" &&
         route.state.value_or("active") == "active" && route.gateway_id.value_or("") != "local";
}

WayOut way_out_of(const ec2::RouteTable& table) {
  WayOut out = WayOut::none;
  for (const ec2::Route& route : table.routes) {
    if (!is_default_route(route)) {
      continue;
    }
    if (route.gateway_id && route.gateway_id->starts_with("igw-")) {
      return WayOut::internet_gateway;
    }
    // An endpoint of S3 or DynamoDB is a route too, but to a prefix list.
    if (!route.destination_prefix_list_id) {
      out = WayOut::other;
    }
  }
  return out;
}

// A subnet without a route table of its own has the VPC's main one.
class Routes {
 public:
  Routes(Api& api, const std::string& vpc_id) {
    ec2::DescribeRouteTablesRequest request;
    request.filters.push_back(vpc_filter(vpc_id));
    const auto read = api.for_each_page(request, [this](const auto& page) {
      for (const ec2::RouteTable& table : page.route_tables) {
        take(table);
      }
      return true;
    });
    if (!read) {
      by_subnet_.clear();
      main_ = WayOut::unknown;
    }
  }

  [[nodiscard]] WayOut of(const std::string& subnet) const {
    const auto own = by_subnet_.find(subnet);
    return own == by_subnet_.end() ? main_ : own->second;
  }

 private:
  void take(const ec2::RouteTable& table) {
    const WayOut way_out = way_out_of(table);
    for (const ec2::RouteTableAssociation& association : table.associations) {
      if (association.main.value_or(false)) {
        main_ = way_out;
      }
      if (association.subnet_id) {
        by_subnet_[*association.subnet_id] = way_out;
      }
    }
  }

  std::map<std::string, WayOut> by_subnet_;
  WayOut main_ = WayOut::none;
};

}  // namespace

ApiResult<std::vector<SubnetFacts>> read_subnets(Api& api, const std::string& vpc_id) {
  const Routes routes(api, vpc_id);
  ec2::DescribeSubnetsRequest request;
  request.filters.push_back(vpc_filter(vpc_id));
  std::vector<SubnetFacts> out;
  auto read = api.for_each_page(request, [&](const ec2::DescribeSubnetsResponse& page) {
    for (const ec2::Subnet& subnet : page.subnets) {
      SubnetFacts& facts = out.emplace_back();
      facts.id = subnet.subnet_id.value_or("");
      facts.zone = subnet.availability_zone.value_or("");
      facts.vpc_id = vpc_id;
      facts.way_out = routes.of(facts.id);
      for (const ec2::Tag& tag : subnet.tags) {
        facts.tags.push_back(tag.key.value_or("") + "=" + tag.value.value_or(""));
      }
    }
    return true;
  });
  if (!read) {
    return util::unexpected(std::move(read.error()));
  }
  std::sort(out.begin(), out.end(), [](const SubnetFacts& a, const SubnetFacts& b) {
    return std::tie(a.zone, a.id) < std::tie(b.zone, b.id);
  });
  return out;
}

}  // namespace deploy
