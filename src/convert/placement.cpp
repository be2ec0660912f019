#include "convert/placement.hpp"

#include <algorithm>

#include "convert/convert.hpp"
#include "convert/own_vpc.hpp"
#include "convert/settings.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

const doc::Node* top(const compose::Project& project, std::string_view key) {
  const doc::Node* value = project.extensions.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const doc::Node* of_network(const compose::Project& project, std::string_view key) {
  const doc::Node* settings = top(project, "x-aws-network");
  const doc::Node* value = settings == nullptr ? nullptr : settings->find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text_of(const doc::Node* value) {
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

std::string last_part(const std::string& arn) {
  return arn.substr(arn.rfind('/') + 1);
}

// The intrinsic function that stands for a thing; null when the value is none.
const doc::Node* function(const doc::Node* value) {
  return value != nullptr && is_intrinsic(*value) ? value : nullptr;
}

const doc::Node* subnet_setting(const compose::Project& project) {
  const doc::Node* direct = top(project, "x-aws-subnets");
  return direct != nullptr ? direct : of_network(project, "subnets");
}

// Subnets that are written as intrinsic functions stand in the template themselves.
bool has_subnet_functions(const doc::Node& value) {
  if (is_intrinsic(value)) {
    return true;
  }
  const doc::Sequence* list = value.as_sequence();
  return list != nullptr && std::any_of(list->items.begin(), list->items.end(), is_intrinsic);
}

doc::Node default_of(std::string_view type, std::string_view description, std::string value) {
  Fields out;
  out.add("Type", type).add("Description", description);
  if (!value.empty()) {
    out.add("Default", std::move(value));
  }
  return std::move(out).node();
}

void check_subnets(Builder& builder, const doc::Node& value, const std::string& path) {
  const SubnetChoice choice = subnet_choice(builder.project());
  if (choice.kind == SubnetKind::listed && choice.ids.size() < 2 && !has_subnet_functions(value)) {
    builder.error("convert.bad-extension",
                  value.span,
                  "`" + path + "` must name two subnets or more, in different zones");
  }
  if (const std::string* text = value.as_string();
      text != nullptr && choice.kind == SubnetKind::automatic && *text != "auto") {
    builder.error("convert.bad-extension",
                  value.span,
                  "`" + path + "` must be public, private, auto, a list of subnets or a tag");
  }
}

void check_public_ip(Builder& builder, Settings& network) {
  const doc::Node* value = network.find("public_ip");
  if (value == nullptr || text_of(value) == "auto" || value->as_bool() != nullptr ||
      text_of(value) == "true" || text_of(value) == "false") {
    return;
  }
  builder.error("convert.bad-extension",
                value->span,
                "`x-aws-network.public_ip` must be true, false or auto");
}

}  // namespace

bool is_intrinsic(const doc::Node& value) {
  const doc::Mapping* mapping = value.as_mapping();
  return mapping != nullptr && mapping->entries.size() == 1 &&
         (mapping->entries.front().key.value == "Ref" ||
          mapping->entries.front().key.value.starts_with("Fn::"));
}

bool has_own_cluster(const compose::Project& project) {
  return top(project, "x-aws-cluster") == nullptr;
}

doc::Node cluster_arn(const compose::Project& project) {
  const doc::Node* given = top(project, "x-aws-cluster");
  if (given == nullptr) {
    return cloudformation::get_att("Cluster", "Arn");
  }
  const std::string text = text_of(given);
  return text.empty() || text.starts_with("arn:")
             ? *given
             : cloudformation::sub(
                   "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/" + text);
}

doc::Node cluster_name(const compose::Project& project) {
  const doc::Node* given = top(project, "x-aws-cluster");
  if (given == nullptr) {
    return cloudformation::ref("Cluster");
  }
  const std::string text = text_of(given);
  return text.empty() ? *given : doc::Node(last_part(text));
}

bool has_own_vpc(const compose::Project& project) {
  return text_of(top(project, "x-aws-vpc")) == "new" ||
         text_of(of_network(project, "vpc")) == "new";
}

std::string named_vpc(const compose::Project& project) {
  const std::string text = text_of(top(project, "x-aws-vpc"));
  return text == "new" ? std::string() : last_part(text);  // an ARN ends with vpc/<id>
}

doc::Node vpc_id(const compose::Project& project) {
  if (has_own_vpc(project)) {
    return cloudformation::ref(kOwnVpc);
  }
  const doc::Node* given = function(top(project, "x-aws-vpc"));
  return given == nullptr ? cloudformation::ref(kVpcParameter) : *given;
}

SubnetChoice subnet_choice(const compose::Project& project) {
  SubnetChoice out;
  const doc::Node* value = subnet_setting(project);
  if (value == nullptr) {
    return out;
  }
  if (const doc::Sequence* list = value->as_sequence()) {
    out.kind = SubnetKind::listed;
    for (const doc::Node& item : list->items) {
      if (const std::string* id = item.as_string()) {
        out.ids.push_back(*id);
      }
    }
    return out;
  }
  const std::string tag = text_of(value->find("tag"));
  if (const std::size_t equals = tag.find('='); equals != std::string::npos) {
    out.kind = SubnetKind::tagged;
    out.tag_key = tag.substr(0, equals);
    out.tag_value = tag.substr(equals + 1);
    return out;
  }
  const std::string text = text_of(value);
  if (text == "public") {
    out.kind = SubnetKind::in_public;
  } else if (text == "private") {
    out.kind = SubnetKind::in_private;
  } else if (text.starts_with("subnet-")) {
    out.kind = SubnetKind::listed;
    for (const std::string& id : util::split(text, ',')) {
      out.ids.emplace_back(util::trim(id));
    }
  }
  return out;
}

doc::Node task_subnets(const compose::Project& project) {
  if (has_own_vpc(project)) {
    return own_task_subnets(project);
  }
  const doc::Node* given = subnet_setting(project);
  return given != nullptr && has_subnet_functions(*given) ? *given
                                                          : cloudformation::ref(kSubnetsParameter);
}

doc::Node task_subnet(const compose::Project& project, std::size_t index) {
  doc::Node subnets = task_subnets(project);
  if (doc::Sequence* list = subnets.as_sequence(); list != nullptr && index < list->items.size()) {
    return std::move(list->items[index]);
  }
  return Fields()
      .add("Fn::Select", items(static_cast<std::int64_t>(index), std::move(subnets)))
      .node();
}

doc::Node balancer_subnets(const compose::Project& project) {
  if (has_own_vpc(project)) {
    return own_balancer_subnets(project, is_balancer_internal(project));
  }
  return cloudformation::ref(kBalancerSubnetsParameter);
}

doc::Node assign_public_ip(const compose::Project& project) {
  if (has_own_vpc(project)) {
    return doc::Node(own_tasks_are_public(project) ? "ENABLED" : "DISABLED");
  }
  const doc::Node* given = of_network(project, "public_ip");
  const std::string text = text_of(given);
  const bool* flag = given == nullptr ? nullptr : given->as_bool();
  if (flag != nullptr || text == "true" || text == "false") {
    return doc::Node((flag != nullptr ? *flag : text == "true") ? "ENABLED" : "DISABLED");
  }
  return cloudformation::ref(kPublicIpParameter);
}

bool is_balancer_internal(const compose::Project& project) {
  return text_of(of_network(project, "loadbalancer")) == "internal";
}

void add_placement_parameters(Builder& builder, bool with_balancer) {
  const compose::Project& project = builder.project();
  if (has_own_vpc(project)) {
    return;
  }
  if (function(top(project, "x-aws-vpc")) == nullptr) {
    builder.add_parameter(
        kVpcParameter, default_of("AWS::EC2::VPC::Id", "The VPC to deploy to", named_vpc(project)));
  }
  const doc::Node* subnets = subnet_setting(project);
  if (subnets == nullptr || !has_subnet_functions(*subnets)) {
    builder.add_parameter(kSubnetsParameter,
                          default_of("List<AWS::EC2::Subnet::Id>",
                                     "Subnets of the tasks, in at least two availability zones",
                                     util::join(subnet_choice(project).ids, ",")));
  }
  if (with_balancer) {
    builder.add_parameter(
        kBalancerSubnetsParameter,
        default_of("List<AWS::EC2::Subnet::Id>",
                   "Subnets of the load balancers, in at least two availability zones",
                   {}));
  }
  if (!assign_public_ip(project).as_string()) {
    builder.add_parameter(
        kPublicIpParameter,
        Fields()
            .add("Type", "String")
            .add("Description",
                 "ENABLED where a task's subnet reaches the internet by an internet gateway")
            .add("Default",
                 subnet_choice(project).kind == SubnetKind::in_private ? "DISABLED" : "ENABLED")
            .add("AllowedValues", items("ENABLED", "DISABLED"))
            .node());
  }
}

void check_placement(Builder& builder) {
  const compose::Project& project = builder.project();
  const doc::Node* cluster = top(project, "x-aws-cluster");
  if (cluster != nullptr && text_of(cluster).empty() && !is_intrinsic(*cluster)) {
    builder.error("convert.bad-extension",
                  cluster->span,
                  "`x-aws-cluster` must be a name, an ARN or an intrinsic function");
  }
  const doc::Node* vpc = top(project, "x-aws-vpc");
  if (vpc != nullptr && text_of(vpc).empty() && !is_intrinsic(*vpc)) {
    builder.error("convert.bad-extension",
                  vpc->span,
                  "`x-aws-vpc` must be an id, an ARN, `new` or an intrinsic function");
  }
  if (const doc::Node* subnets = top(project, "x-aws-subnets")) {
    check_subnets(builder, *subnets, "x-aws-subnets");
  }
  const doc::Node* settings = top(project, "x-aws-network");
  if (settings == nullptr) {
    return;
  }
  Settings network(builder, *settings, "x-aws-network");
  if (const doc::Node* subnets = network.find("subnets")) {
    check_subnets(builder, *subnets, "x-aws-network.subnets");
  }
  static_cast<void>(network.word("loadbalancer", {"internal", "internet-facing"}));
  static_cast<void>(network.word("vpc", {"new"}));
  check_public_ip(builder, network);
  check_own_vpc(builder, network);
  network.finish();
}

}  // namespace convert
