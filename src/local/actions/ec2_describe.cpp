#include <array>

#include "local/actions/ec2.hpp"
#include "local/actions/ec2_filters.hpp"

namespace local {

namespace {

namespace api_ec2 = awsapi::ec2;
using ec2::one;

constexpr std::array<ec2::FilterRow<api_ec2::Vpc>, 8> kVpcFilters = {{
    {"vpc-id", [](const auto& v) { return one(v.vpc_id); }},
    {"is-default", [](const auto& v) { return one(v.is_default); }},
    {"isDefault", [](const auto& v) { return one(v.is_default); }},
    {"cidr", [](const auto& v) { return one(v.cidr_block); }},
    {"cidr-block-association.cidr-block", [](const auto& v) { return one(v.cidr_block); }},
    {"state", [](const auto& v) { return one(v.state); }},
    {"owner-id", [](const auto& v) { return one(v.owner_id); }},
    {"dhcp-options-id", [](const auto& v) { return one(v.dhcp_options_id); }},
}};
constexpr std::array<ec2::FilterRow<api_ec2::Subnet>, 13> kSubnetFilters = {{
    {"subnet-id", [](const auto& s) { return one(s.subnet_id); }},
    {"vpc-id", [](const auto& s) { return one(s.vpc_id); }},
    {"availability-zone", [](const auto& s) { return one(s.availability_zone); }},
    {"availabilityZone", [](const auto& s) { return one(s.availability_zone); }},
    {"availability-zone-id", [](const auto& s) { return one(s.availability_zone_id); }},
    {"cidr-block", [](const auto& s) { return one(s.cidr_block); }},
    {"cidrBlock", [](const auto& s) { return one(s.cidr_block); }},
    {"default-for-az", [](const auto& s) { return one(s.default_for_az); }},
    {"defaultForAz", [](const auto& s) { return one(s.default_for_az); }},
    {"map-public-ip-on-launch", [](const auto& s) { return one(s.map_public_ip_on_launch); }},
    {"state", [](const auto& s) { return one(s.state); }},
    {"owner-id", [](const auto& s) { return one(s.owner_id); }},
    {"subnet-arn", [](const auto& s) { return one(s.subnet_arn); }},
}};

template <auto Field, class List>
ec2::Values ec2_each(const List& list) {
  ec2::Values values;
  for (const auto& item : list) {
    for (std::string& value : one(item.*Field)) {
      values.push_back(std::move(value));
    }
  }
  return values;
}

constexpr std::array<ec2::FilterRow<api_ec2::RouteTable>, 8> kRouteFilters = {{
    {"route-table-id", [](const auto& t) { return one(t.route_table_id); }},
    {"vpc-id", [](const auto& t) { return one(t.vpc_id); }},
    {"owner-id", [](const auto& t) { return one(t.owner_id); }},
    {"association.main",
     [](const auto& t) { return ec2_each<&api_ec2::RouteTableAssociation::main>(t.associations); }},
    {"association.subnet-id",
     [](const auto& t) {
       return ec2_each<&api_ec2::RouteTableAssociation::subnet_id>(t.associations);
     }},
    {"route.gateway-id",
     [](const auto& t) { return ec2_each<&api_ec2::Route::gateway_id>(t.routes); }},
    {"route.destination-cidr-block",
     [](const auto& t) { return ec2_each<&api_ec2::Route::destination_cidr_block>(t.routes); }},
    {"route.nat-gateway-id",
     [](const auto& t) { return ec2_each<&api_ec2::Route::nat_gateway_id>(t.routes); }},
}};
constexpr std::array<ec2::FilterRow<api_ec2::InternetGateway>, 4> kGatewayFilters = {{
    {"internet-gateway-id", [](const auto& g) { return one(g.internet_gateway_id); }},
    {"attachment.vpc-id",
     [](const auto& g) {
       return ec2_each<&api_ec2::InternetGatewayAttachment::vpc_id>(g.attachments);
     }},
    {"attachment.state",
     [](const auto& g) {
       return ec2_each<&api_ec2::InternetGatewayAttachment::state>(g.attachments);
     }},
    {"owner-id", [](const auto& g) { return one(g.owner_id); }},
}};

ec2::Values interface_public_ip(const api_ec2::NetworkInterface& interface) {
  return interface.association ? one(interface.association->public_ip) : ec2::Values{};
}

constexpr std::array<ec2::FilterRow<api_ec2::NetworkInterface>, 14> kInterfaceFilters = {{
    {"network-interface-id", [](const auto& i) { return one(i.network_interface_id); }},
    {"vpc-id", [](const auto& i) { return one(i.vpc_id); }},
    {"subnet-id", [](const auto& i) { return one(i.subnet_id); }},
    {"availability-zone", [](const auto& i) { return one(i.availability_zone); }},
    {"status", [](const auto& i) { return one(i.status); }},
    {"description", [](const auto& i) { return one(i.description); }},
    {"interface-type", [](const auto& i) { return one(i.interface_type); }},
    {"group-id",
     [](const auto& i) { return ec2_each<&api_ec2::GroupIdentifier::group_id>(i.groups); }},
    {"group-name",
     [](const auto& i) { return ec2_each<&api_ec2::GroupIdentifier::group_name>(i.groups); }},
    {"private-ip-address", [](const auto& i) { return one(i.private_ip_address); }},
    {"addresses.private-ip-address", [](const auto& i) { return one(i.private_ip_address); }},
    {"association.public-ip", interface_public_ip},
    {"mac-address", [](const auto& i) { return one(i.mac_address); }},
    {"owner-id", [](const auto& i) { return one(i.owner_id); }},
}};
constexpr std::array<ec2::FilterRow<api_ec2::SecurityGroupRule>, 2> kRuleFilters = {{
    {"group-id", [](const auto& r) { return one(r.group_id); }},
    {"security-group-rule-id", [](const auto& r) { return one(r.security_group_rule_id); }},
}};

template <auto Field>
ec2::Values in_permissions(const api_ec2::SecurityGroup& group) {
  return ec2_each<Field>(group.ip_permissions);
}

ec2::Values permission_cidrs(const api_ec2::SecurityGroup& group) {
  ec2::Values values;
  for (const auto& permission : group.ip_permissions) {
    for (std::string& cidr : ec2_each<&api_ec2::IpRange::cidr_ip>(permission.ip_ranges)) {
      values.push_back(std::move(cidr));
    }
  }
  return values;
}

ec2::Values permission_groups(const api_ec2::SecurityGroup& group) {
  ec2::Values values;
  for (const auto& permission : group.ip_permissions) {
    for (std::string& id :
         ec2_each<&api_ec2::UserIdGroupPair::group_id>(permission.user_id_group_pairs)) {
      values.push_back(std::move(id));
    }
  }
  return values;
}

constexpr std::array<ec2::FilterRow<api_ec2::SecurityGroup>, 10> kGroupFilters = {{
    {"group-id", [](const auto& g) { return one(g.group_id); }},
    {"group-name", [](const auto& g) { return one(g.group_name); }},
    {"vpc-id", [](const auto& g) { return one(g.vpc_id); }},
    {"description", [](const auto& g) { return one(g.description); }},
    {"owner-id", [](const auto& g) { return one(g.owner_id); }},
    {"ip-permission.protocol", in_permissions<&api_ec2::IpPermission::ip_protocol>},
    {"ip-permission.from-port", in_permissions<&api_ec2::IpPermission::from_port>},
    {"ip-permission.to-port", in_permissions<&api_ec2::IpPermission::to_port>},
    {"ip-permission.cidr", permission_cidrs},
    {"ip-permission.group-id", permission_groups},
}};

template <class T>
const std::vector<api_ec2::Tag>& ec2_tags_of(const T& item) {
  return item.tags;
}

const std::vector<api_ec2::Tag>& ec2_tags_of(const api_ec2::NetworkInterface& interface) {
  return interface.tag_set;
}

// One Describe operation: ids, filters, page.
template <class T, class Request, std::size_t N, class Id>
util::Result<Page<T>, ApiError> select_page(std::vector<T> all,
                                            const Request& request,
                                            const std::vector<std::string>& ids,
                                            const std::array<ec2::FilterRow<T>, N>& rows,
                                            Id id_of,
                                            std::string_view code,
                                            std::string_view noun) {
  if (!ids.empty() && request.max_results) {
    return util::unexpected(ApiError{
        "InvalidParameterCombination",
        "The parameter " + std::string(noun) + " cannot be used with the parameter maxResults",
        400});
  }
  auto chosen = ec2::with_ids(std::move(all), ids, id_of, code, noun);
  if (chosen) {
    chosen = ec2::filtered(std::move(*chosen),
                           request.filters,
                           std::span<const ec2::FilterRow<T>>(rows),
                           [](const T& item) { return ec2_tags_of(item); });
  }
  if (!chosen) {
    return util::unexpected(chosen.error());
  }
  return ec2::page_of(std::move(*chosen), request.next_token, request.max_results);
}

}  // namespace

std::vector<api_ec2::NetworkInterface> Ec2::all_interfaces() const {
  std::vector<api_ec2::NetworkInterface> all;
  for (const InterfaceSource& source : interfaces_) {
    for (auto& interface : source()) {
      interface.vpc_id = vpc_.vpc_id;
      interface.owner_id = context_.account;
      for (auto& used : interface.groups) {
        const auto group = groups_.find(used.group_id.value_or(""));
        if (group != groups_.end()) {
          used.group_name = group->second.described.group_name;
        }
      }
      all.push_back(std::move(interface));
    }
  }
  return all;
}

Ec2::Answer<api_ec2::DescribeSecurityGroupsResponse> Ec2::describe_groups(
    const api_ec2::DescribeSecurityGroupsRequest& request) {
  for (const std::string& id : request.group_ids) {
    if (!id.starts_with("sg-")) {
      return util::unexpected(ApiError{
          "InvalidGroupId.Malformed", "Invalid id: \"" + id + "\" (expecting \"sg-...\")", 400});
    }
  }
  std::vector<api_ec2::SecurityGroup> all;
  for (const auto& [id, group] : groups_) {
    all.push_back(shown(group));
  }
  auto named = ec2::with_ids(
      std::move(all),
      request.group_names,
      [](const auto& g) { return g.group_name; },
      "InvalidGroup.NotFound",
      "security group");
  if (!named) {
    return util::unexpected(named.error());
  }
  auto page = select_page(
      std::move(*named),
      request,
      request.group_ids,
      kGroupFilters,
      [](const auto& g) { return g.group_id; },
      "InvalidGroup.NotFound",
      "security group");
  if (!page) {
    return util::unexpected(page.error());
  }
  return api_ec2::DescribeSecurityGroupsResponse{std::move(page->next), std::move(page->items)};
}

void Ec2::add_describe_actions(ActionTable& actions) {
  actions.add<api_ec2::DescribeVpcsRequest>(
      [this](const auto& request) -> Answer<api_ec2::DescribeVpcsResponse> {
        auto page = select_page(
            std::vector{vpc_},
            request,
            request.vpc_ids,
            kVpcFilters,
            [](const auto& v) { return v.vpc_id; },
            "InvalidVpcID.NotFound",
            "vpc ID");
        if (!page) {
          return util::unexpected(page.error());
        }
        return api_ec2::DescribeVpcsResponse{std::move(page->next), std::move(page->items)};
      });
  actions.add<api_ec2::DescribeSubnetsRequest>(
      [this](const auto& request) -> Answer<api_ec2::DescribeSubnetsResponse> {
        auto page = select_page(
            subnets_,
            request,
            request.subnet_ids,
            kSubnetFilters,
            [](const auto& s) { return s.subnet_id; },
            "InvalidSubnetID.NotFound",
            "subnet ID");
        if (!page) {
          return util::unexpected(page.error());
        }
        return api_ec2::DescribeSubnetsResponse{std::move(page->next), std::move(page->items)};
      });
  actions.add<api_ec2::DescribeRouteTablesRequest>(
      [this](const auto& request) -> Answer<api_ec2::DescribeRouteTablesResponse> {
        auto page = select_page(
            std::vector{routes_},
            request,
            request.route_table_ids,
            kRouteFilters,
            [](const auto& t) { return t.route_table_id; },
            "InvalidRouteTableID.NotFound",
            "routeTable ID");
        if (!page) {
          return util::unexpected(page.error());
        }
        return api_ec2::DescribeRouteTablesResponse{std::move(page->items), std::move(page->next)};
      });
  actions.add<api_ec2::DescribeInternetGatewaysRequest>(
      [this](const auto& request) -> Answer<api_ec2::DescribeInternetGatewaysResponse> {
        auto page = select_page(
            std::vector{gateway_},
            request,
            request.internet_gateway_ids,
            kGatewayFilters,
            [](const auto& g) { return g.internet_gateway_id; },
            "InvalidInternetGatewayID.NotFound",
            "internetGateway ID");
        if (!page) {
          return util::unexpected(page.error());
        }
        return api_ec2::DescribeInternetGatewaysResponse{std::move(page->items),
                                                         std::move(page->next)};
      });
  actions.add<api_ec2::DescribeNetworkInterfacesRequest>(
      [this](const auto& request) -> Answer<api_ec2::DescribeNetworkInterfacesResponse> {
        auto page = select_page(
            all_interfaces(),
            request,
            request.network_interface_ids,
            kInterfaceFilters,
            [](const auto& i) { return i.network_interface_id; },
            "InvalidNetworkInterfaceID.NotFound",
            "networkInterface ID");
        if (!page) {
          return util::unexpected(page.error());
        }
        return api_ec2::DescribeNetworkInterfacesResponse{std::move(page->items),
                                                          std::move(page->next)};
      });
  actions.add<api_ec2::DescribeSecurityGroupsRequest>(
      [this](const auto& request) { return describe_groups(request); });
  actions.add<api_ec2::DescribeSecurityGroupRulesRequest>(
      [this](const auto& request) -> Answer<api_ec2::DescribeSecurityGroupRulesResponse> {
        std::vector<ec2::Rule> all;
        for (const auto& [id, group] : groups_) {
          all.insert(all.end(), group.rules.begin(), group.rules.end());
        }
        auto page = select_page(
            std::move(all),
            request,
            request.security_group_rule_ids,
            kRuleFilters,
            [](const auto& r) { return r.security_group_rule_id; },
            "InvalidSecurityGroupRuleId.NotFound",
            "security group rule ID");
        if (!page) {
          return util::unexpected(page.error());
        }
        return api_ec2::DescribeSecurityGroupRulesResponse{std::move(page->items),
                                                           std::move(page->next)};
      });
}

}  // namespace local
