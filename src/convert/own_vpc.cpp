#include "convert/own_vpc.hpp"

#include <array>

#include "util/strings.hpp"

namespace convert {
namespace {

using cloudformation::LogicalId;

constexpr std::string_view kDefaultCidr = "10.0.0.0/16";
constexpr std::int64_t kZones = 2;
constexpr std::int64_t kMostZones = 6;

enum class Egress : std::uint8_t { public_ip, nat, endpoints };

// What Fargate needs to start a task without a way to the internet.
constexpr std::array<std::string_view, 6> kInterfaceServices =
    {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages"};

const doc::Node* setting(const compose::Project& project, std::string_view key) {
  const doc::Node* network = project.extensions.find("x-aws-network");
  return network == nullptr ? nullptr : network->find(key);
}

std::string setting_text(const compose::Project& project, std::string_view key) {
  const doc::Node* value = setting(project, key);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

Egress egress_of(const compose::Project& project) {
  const std::string egress = setting_text(project, "egress");
  if (egress == "endpoints") {
    return Egress::endpoints;
  }
  const bool in_private = setting_text(project, "subnets") == "private";
  return egress == "nat" || (egress.empty() && in_private) ? Egress::nat : Egress::public_ip;
}

std::int64_t zone_count(const compose::Project& project) {
  const doc::Node* value = setting(project, "zones");
  const std::int64_t* number = value == nullptr ? nullptr : value->as_int();
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  const auto zones = number != nullptr ? std::optional(*number)
                     : text != nullptr ? util::parse_int(*text)
                                       : std::nullopt;
  return zones && *zones >= kZones && *zones <= kMostZones ? *zones : kZones;
}

struct Cidr {
  std::uint32_t address = 0;
  std::int64_t bits = 0;
};

std::optional<Cidr> parse_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto bits = util::parse_int(slash == std::string_view::npos ? std::string_view()
                                                                    : text.substr(slash + 1));
  const std::vector<std::string> parts = util::split(text.substr(0, slash), '.');
  if (!bits || *bits < 16 || *bits > 24 || parts.size() != 4) {
    return std::nullopt;
  }
  Cidr out{0, *bits};
  for (const std::string& part : parts) {
    const auto number = util::parse_int(part);
    if (!number || *number < 0 || *number > 255) {
      return std::nullopt;
    }
    out.address = out.address << 8U | static_cast<std::uint32_t>(*number);
  }
  const std::uint32_t host = (std::uint32_t{1} << static_cast<unsigned>(32 - out.bits)) - 1;
  return (out.address & host) == 0 ? std::optional(out) : std::nullopt;
}

Cidr cidr_of(const compose::Project& project) {
  const std::string given = setting_text(project, "cidr");
  return parse_cidr(given).value_or(*parse_cidr(kDefaultCidr));
}

std::string cidr_text(const Cidr& cidr) {
  std::string out;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out += (out.empty() ? "" : ".") + std::to_string(cidr.address >> shift & 255U);
  }
  return out + "/" + std::to_string(cidr.bits);
}

// One of the 16 equal parts of the VPC's range.
std::string part_of(const Cidr& cidr, std::int64_t index) {
  const auto size = static_cast<unsigned>(32 - cidr.bits - 4);
  return cidr_text({cidr.address + (static_cast<std::uint32_t>(index) << size), cidr.bits + 4});
}

std::string subnet_id(std::string_view kind, std::int64_t number) {
  return "Vpc" + std::string(kind) + "Subnet" + std::to_string(number);
}

doc::Node subnets(const compose::Project& project, std::string_view kind) {
  doc::Sequence out;
  for (std::int64_t number = 1; number <= zone_count(project); ++number) {
    out.items.push_back(cloudformation::ref(subnet_id(kind, number)));
  }
  return doc::Node(std::move(out));
}

doc::Node named_tags(const Builder& builder, std::string_view name) {
  doc::Node tags = builder.tags();
  tags.as_sequence()->items.push_back(
      Fields()
          .add("Key", "Name")
          .add("Value", builder.project().name + " " + std::string(name))
          .node());
  return tags;
}

void add_network(Builder& builder) {
  builder.add(resource(LogicalId{std::string(kOwnVpc)},
                       "AWS::EC2::VPC",
                       Fields()
                           .add("CidrBlock", cidr_text(cidr_of(builder.project())))
                           .add("EnableDnsSupport", true)
                           .add("EnableDnsHostnames", true)
                           .add("Tags", named_tags(builder, "VPC"))));
  builder.add(resource(LogicalId{"VpcDhcpOptions"},
                       "AWS::EC2::DHCPOptions",
                       Fields()
                           .add("DomainName", builder.project().name + ".local")
                           .add("DomainNameServers", items("AmazonProvidedDNS"))
                           .add("Tags", builder.tags())));
  builder.add(resource(LogicalId{"VpcDhcpOptionsAssociation"},
                       "AWS::EC2::VPCDHCPOptionsAssociation",
                       Fields()
                           .add("DhcpOptionsId", cloudformation::ref("VpcDhcpOptions"))
                           .add("VpcId", cloudformation::ref(kOwnVpc))));
  builder.add(resource(LogicalId{"VpcInternetGateway"},
                       "AWS::EC2::InternetGateway",
                       Fields().add("Tags", builder.tags())));
  builder.add(resource(LogicalId{"VpcInternetGatewayAttachment"},
                       "AWS::EC2::VPCGatewayAttachment",
                       Fields()
                           .add("VpcId", cloudformation::ref(kOwnVpc))
                           .add("InternetGatewayId", cloudformation::ref("VpcInternetGateway"))));
}

void add_subnets(Builder& builder, std::string_view kind, std::int64_t first_part) {
  const Cidr cidr = cidr_of(builder.project());
  for (std::int64_t number = 1; number <= zone_count(builder.project()); ++number) {
    doc::Node zones = Fields().add("Fn::GetAZs", "").node();
    builder.add(resource(
        LogicalId{subnet_id(kind, number)},
        "AWS::EC2::Subnet",
        Fields()
            .add("VpcId", cloudformation::ref(kOwnVpc))
            .add("CidrBlock", part_of(cidr, first_part + number - 1))
            .add("AvailabilityZone",
                 Fields().add("Fn::Select", items(number - 1, std::move(zones))).node())
            .add("Tags", named_tags(builder, std::string(kind) + " " + std::to_string(number)))));
    builder.add(resource(
        LogicalId{subnet_id(kind, number) + "Routes"},
        "AWS::EC2::SubnetRouteTableAssociation",
        Fields()
            .add("SubnetId", cloudformation::ref(subnet_id(kind, number)))
            .add("RouteTableId", cloudformation::ref("Vpc" + std::string(kind) + "RouteTable"))));
  }
}

void add_route_table(Builder& builder, std::string_view kind) {
  builder.add(resource(
      LogicalId{"Vpc" + std::string(kind) + "RouteTable"},
      "AWS::EC2::RouteTable",
      Fields().add("VpcId", cloudformation::ref(kOwnVpc)).add("Tags", named_tags(builder, kind))));
}

void add_public_side(Builder& builder) {
  add_route_table(builder, "Public");
  cloudformation::Resource route =
      resource(LogicalId{"VpcPublicRoute"},
               "AWS::EC2::Route",
               Fields()
                   .add("RouteTableId", cloudformation::ref("VpcPublicRouteTable"))
                   .add("DestinationCidrBlock", "0.0.0.0/0")
                   .add("GatewayId", cloudformation::ref("VpcInternetGateway")));
  route.depends_on.push_back(LogicalId{"VpcInternetGatewayAttachment"});
  builder.add(std::move(route));
  add_subnets(builder, "Public", 0);
}

void add_private_side(Builder& builder) {
  constexpr std::int64_t kFirstPart = 8;
  add_route_table(builder, "Private");
  add_subnets(builder, "Private", kFirstPart);
}

void add_nat(Builder& builder) {
  cloudformation::Resource address =
      resource(LogicalId{"VpcNatAddress"},
               "AWS::EC2::EIP",
               Fields().add("Domain", "vpc").add("Tags", builder.tags()));
  address.depends_on.push_back(LogicalId{"VpcInternetGatewayAttachment"});
  builder.add(std::move(address));
  builder.add(
      resource(LogicalId{"VpcNatGateway"},
               "AWS::EC2::NatGateway",
               Fields()
                   .add("SubnetId", cloudformation::ref(subnet_id("Public", 1)))
                   .add("AllocationId", cloudformation::get_att("VpcNatAddress", "AllocationId"))
                   .add("Tags", builder.tags())));
  builder.add(resource(LogicalId{"VpcPrivateRoute"},
                       "AWS::EC2::Route",
                       Fields()
                           .add("RouteTableId", cloudformation::ref("VpcPrivateRouteTable"))
                           .add("DestinationCidrBlock", "0.0.0.0/0")
                           .add("NatGatewayId", cloudformation::ref("VpcNatGateway"))));
}

// "ecr.api" → VpcEcrApiEndpoint
LogicalId endpoint_id(std::string_view service) {
  std::string id = "Vpc";
  for (const std::string& word : util::split(service, '.')) {
    id += util::to_upper(word.substr(0, 1)) + word.substr(1);
  }
  return LogicalId{id + "Endpoint"};
}

doc::Node endpoint_service(std::string_view service) {
  return cloudformation::sub("com.amazonaws.${AWS::Region}." + std::string(service));
}

void add_endpoints(Builder& builder) {
  builder.add(resource(
      LogicalId{"VpcEndpointSecurityGroup"},
      "AWS::EC2::SecurityGroup",
      Fields()
          .add("GroupDescription", "VPC endpoints of Compose project " + builder.project().name)
          .add("VpcId", cloudformation::ref(kOwnVpc))
          .add("SecurityGroupIngress",
               items(Fields()
                         .add("Description", "HTTPS from the VPC")
                         .add("IpProtocol", "tcp")
                         .add("FromPort", 443)
                         .add("ToPort", 443)
                         .add("CidrIp", cidr_text(cidr_of(builder.project())))
                         .node()))
          .add("Tags", builder.tags())));
  builder.add(
      resource(endpoint_id("s3"),
               "AWS::EC2::VPCEndpoint",
               Fields()
                   .add("VpcEndpointType", "Gateway")
                   .add("ServiceName", endpoint_service("s3"))
                   .add("VpcId", cloudformation::ref(kOwnVpc))
                   .add("RouteTableIds", items(cloudformation::ref("VpcPrivateRouteTable")))));
  for (const std::string_view service : kInterfaceServices) {
    builder.add(
        resource(endpoint_id(service),
                 "AWS::EC2::VPCEndpoint",
                 Fields()
                     .add("VpcEndpointType", "Interface")
                     .add("ServiceName", endpoint_service(service))
                     .add("VpcId", cloudformation::ref(kOwnVpc))
                     .add("PrivateDnsEnabled", true)
                     .add("SubnetIds", subnets(builder.project(), "Private"))
                     .add("SecurityGroupIds",
                          items(cloudformation::get_att("VpcEndpointSecurityGroup", "GroupId")))));
  }
}

bool is_own(const compose::Project& project) {
  const doc::Node* vpc = project.extensions.find("x-aws-vpc");
  const std::string* text = vpc == nullptr ? nullptr : vpc->as_string();
  return (text != nullptr && *text == "new") || setting_text(project, "vpc") == "new";
}

}  // namespace

bool own_tasks_are_public(const compose::Project& project) {
  return egress_of(project) == Egress::public_ip;
}

doc::Node own_task_subnets(const compose::Project& project) {
  return subnets(project, own_tasks_are_public(project) ? "Public" : "Private");
}

doc::Node own_balancer_subnets(const compose::Project& project, bool internal) {
  return internal ? own_task_subnets(project) : subnets(project, "Public");
}

void add_own_vpc(Builder& builder) {
  if (!is_own(builder.project())) {
    return;
  }
  add_network(builder);
  add_public_side(builder);
  const Egress egress = egress_of(builder.project());
  if (egress != Egress::public_ip) {
    add_private_side(builder);
  }
  if (egress == Egress::nat) {
    add_nat(builder);
  } else if (egress == Egress::endpoints) {
    add_endpoints(builder);
  }
}

std::vector<LogicalId> own_vpc_dependencies(const compose::Project& project) {
  std::vector<LogicalId> out;
  if (!is_own(project)) {
    return out;
  }
  const Egress egress = egress_of(project);
  const std::string_view kind = egress == Egress::public_ip ? "Public" : "Private";
  for (std::int64_t number = 1; number <= zone_count(project); ++number) {
    out.push_back(LogicalId{subnet_id(kind, number) + "Routes"});
  }
  if (egress == Egress::endpoints) {
    out.push_back(endpoint_id("s3"));
    for (const std::string_view service : kInterfaceServices) {
      out.push_back(endpoint_id(service));
    }
  } else {
    out.push_back(LogicalId{"Vpc" + std::string(kind) + "Route"});
  }
  out.push_back(LogicalId{"VpcDhcpOptionsAssociation"});
  return out;
}

void check_own_vpc(Builder& builder, Settings& network) {
  const auto egress = network.word("egress", {"nat", "endpoints", "public-ip"});
  const auto cidr = network.text("cidr");
  const auto zones = network.number("zones", kZones, kMostZones);
  if (cidr && !parse_cidr(cidr->value)) {
    builder.error(
        "convert.bad-extension",
        cidr->span,
        "`x-aws-network.cidr` must be an IPv4 range between /16 and /24, like 10.0.0.0/16");
  }
  const auto needs_own = [&](const auto& given, std::string_view key) {
    if (given && !is_own(builder.project())) {
      builder.error("convert.bad-extension",
                    given->span,
                    "`x-aws-network." + std::string(key) + "` is about a VPC that the stack makes",
                    "add `x-aws-vpc: new`, or leave it out: an existing VPC has its own routes");
    }
  };
  needs_own(egress, "egress");
  needs_own(cidr, "cidr");
  needs_own(zones, "zones");
}

}  // namespace convert
