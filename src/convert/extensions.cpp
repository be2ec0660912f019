#include "convert/extensions.hpp"

#include <algorithm>
#include <vector>

#include "convert/tags.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

using Keys = std::vector<std::string>;

const Keys& project_keys() {
  static const Keys keys = {"x-aws-bind",
                            "x-aws-cloudformation",
                            "x-aws-cluster",
                            "x-aws-discovery",
                            "x-aws-hosted_zone",
                            "x-aws-init_image",
                            "x-aws-listener",
                            "x-aws-loadbalancer",
                            "x-aws-logs_retention",
                            "x-aws-network",
                            "x-aws-patch",
                            "x-aws-permissions_boundary",
                            "x-aws-role_path",
                            "x-aws-subnets",
                            "x-aws-tags",
                            "x-aws-vpc"};
  return keys;
}

const Keys& service_keys() {
  static const Keys keys = {"x-aws-bind",
                            "x-aws-capacity",
                            "x-aws-discovery",
                            "x-aws-ephemeral_storage",
                            "x-aws-essential",
                            "x-aws-healthcheck",
                            "x-aws-hook",
                            "x-aws-ignore",
                            "x-aws-ingress",
                            "x-aws-init_image",
                            "x-aws-keep_image_files",
                            "x-aws-os_family",
                            "x-aws-policies",
                            "x-aws-pull_credentials",
                            "x-aws-role",
                            "x-aws-schedule",
                            "x-aws-tags"};
  return keys;
}

const Keys& port_keys() {
  static const Keys keys = {"x-aws-protocol"};
  return keys;
}

const Keys& network_keys() {
  static const Keys keys = {"x-aws-securitygroup"};
  return keys;
}

const Keys& volume_keys() {
  static const Keys keys = {"x-aws-owner", "x-aws-path", "x-aws-tags"};
  return keys;
}

const Keys& file_object_keys() {
  static const Keys keys = {"x-aws-keys", "x-aws-kms_key"};
  return keys;
}

const Keys& file_reference_keys() {
  static const Keys keys = {"x-aws-env", "x-aws-file"};
  return keys;
}

const Keys& mount_keys() {
  static const Keys keys = {"x-aws-bind"};
  return keys;
}

const Keys& deploy_keys() {
  static const Keys keys = {"x-aws-autoscaling", "x-aws-strategy"};
  return keys;
}

const Keys& update_keys() {
  static const Keys keys = {"x-aws-alarms", "x-aws-max_percent", "x-aws-min_percent"};
  return keys;
}

void check_keys(Builder& builder, const compose::Extensions& extensions, const Keys& known) {
  for (const doc::Entry& entry : extensions.entries) {
    const std::string& key = entry.key.value;
    if (!key.starts_with("x-aws-") || std::find(known.begin(), known.end(), key) != known.end()) {
      continue;
    }
    const auto guess = util::nearest(key, known);
    builder.warning("convert.unknown-extension",
                    entry.key.span,
                    "`" + key + "` is not known here and has no effect",
                    guess ? "did you mean `" + *guess + "`?" : std::string());
  }
}

void report_type(Builder& builder,
                 const doc::Node& value,
                 std::string_view key,
                 std::string_view type) {
  builder.error("convert.bad-extension",
                value.span,
                "`" + std::string(key) + "` must be " + std::string(type));
}

}  // namespace

std::optional<std::string> text_extension(Builder& builder,
                                          const compose::Extensions& extensions,
                                          std::string_view key) {
  const doc::Node* value = extensions.find(key);
  if (value == nullptr || value->is_null()) {
    return std::nullopt;
  }
  const std::string* text = value->as_string();
  if (text == nullptr || text->empty()) {
    report_type(builder, *value, key, "a string");
    return std::nullopt;
  }
  return *text;
}

std::optional<std::int64_t> number_extension(Builder& builder,
                                             const compose::Extensions& extensions,
                                             std::string_view key) {
  const doc::Node* value = extensions.find(key);
  if (value == nullptr || value->is_null()) {
    return std::nullopt;
  }
  if (const std::int64_t* number = value->as_int()) {
    return *number;
  }
  const std::string* text = value->as_string();
  const auto number = text == nullptr ? std::nullopt : util::parse_int(*text);
  if (!number) {
    report_type(builder, *value, key, "a whole number");
  }
  return number;
}

void check_extensions(Builder& builder) {
  const compose::Project& project = builder.project();
  check_keys(builder, project.extensions, project_keys());
  check_tags(builder, project.extensions);
  for (const auto& [key, network] : project.networks) {
    check_keys(builder, network.extensions, network_keys());
  }
  for (const auto& [key, volume] : project.volumes) {
    check_keys(builder, volume.extensions, volume_keys());
    check_tags(builder, volume.extensions);
  }
  for (const auto* objects : {&project.secrets, &project.configs}) {
    for (const auto& [key, object] : *objects) {
      check_keys(builder, object.extensions, file_object_keys());
    }
  }
  for (const auto& [name, service] : project.services) {
    check_keys(builder, service.extensions, service_keys());
    for (const auto& port : service.ports) {
      check_keys(builder, port.value.extensions, port_keys());
    }
    check_tags(builder, service.extensions);
    for (const compose::FileReference& reference : service.secrets) {
      check_keys(builder, reference.extensions, file_reference_keys());
    }
    for (const compose::Mount& mount : service.mounts) {
      check_keys(builder, mount.extensions, mount_keys());
    }
    if (service.deploy) {
      check_keys(builder, service.deploy->extensions, deploy_keys());
      if (service.deploy->update_config) {
        check_keys(builder, service.deploy->update_config->extensions, update_keys());
      }
    }
  }
}

}  // namespace convert
