#include "local/scheduler/network_interfaces.hpp"

#include <string>

namespace local::ecs {

namespace {

std::string interface_detail(const api::Attachment& attachment, std::string_view name) {
  for (const auto& detail : attachment.details) {
    if (detail.name == name) {
      return detail.value.value_or("");
    }
  }
  return {};
}

void set_if_known(std::optional<std::string>& target, std::string value) {
  if (!value.empty()) {
    target = std::move(value);
  }
}

awsapi::ec2::NetworkInterface interface_of(const TaskRecord& task,
                                           const api::Attachment& attachment) {
  awsapi::ec2::NetworkInterface out;
  set_if_known(out.network_interface_id, interface_detail(attachment, "networkInterfaceId"));
  set_if_known(out.subnet_id, interface_detail(attachment, "subnetId"));
  set_if_known(out.private_ip_address, interface_detail(attachment, "privateIPv4Address"));
  set_if_known(out.mac_address, interface_detail(attachment, "macAddress"));
  set_if_known(out.private_dns_name, interface_detail(attachment, "privateDnsName"));
  out.availability_zone = task.wire.availability_zone;
  out.description = task.wire.task_arn;
  out.interface_type = "interface";
  out.requester_managed = true;
  out.source_dest_check = true;
  out.status = "in-use";
  if (out.private_ip_address) {
    auto& address = out.private_ip_addresses.emplace_back();
    address.primary = true;
    address.private_ip_address = out.private_ip_address;
  }
  const auto& network = task.revision.network_configuration;
  if (network && network->awsvpc_configuration) {
    for (const std::string& group : network->awsvpc_configuration->security_groups) {
      out.groups.emplace_back().group_id = group;
    }
  }
  return out;
}

}  // namespace

std::vector<awsapi::ec2::NetworkInterface> network_interfaces(const EcsState& state) {
  std::vector<awsapi::ec2::NetworkInterface> all;
  for (const auto& [id, task] : state.tasks) {
    for (const api::Attachment& attachment : task.wire.attachments) {
      const bool is_interface =
          attachment.type == "ElasticNetworkInterface" || attachment.type == "eni";
      if (is_interface && !task.stopped() && attachment.status != "DELETED") {
        all.push_back(interface_of(task, attachment));
      }
    }
  }
  return all;
}

}  // namespace local::ecs
