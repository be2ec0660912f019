#include "convert/support_elements.hpp"

#include <array>

namespace convert {
namespace {

using enum Support;

constexpr std::string_view kBoth = "2020 plugin, Compose CLI";
constexpr std::string_view kCli = "Compose CLI";
constexpr std::string_view kVpc = "the VPC gives the addresses";
constexpr std::string_view kDrivers = "Docker Engine's drivers are not on ECS";

constexpr auto kElements = std::to_array<SupportRow>({
    {"configs", converted, "files, written by a container that runs first; see secrets.md", ""},
    {"configs.content", converted, "part of the template", ""},
    {"configs.environment", converted, "part of the template", ""},
    {"configs.external", refused, "ECS has no configs of its own", "use `file` or `content`"},
    {"configs.file", converted, "part of the template", ""},
    {"configs.labels", irrelevant, "a config is part of its tasks", ""},
    {"configs.name", irrelevant, "a config is part of its tasks", ""},
    {"configs.template_driver", ignored, kDrivers, ""},
    {"include", converted, "", ""},
    {"models", refused, "ECS runs no models", "give the endpoint of a hosted one"},
    {"models.context_size", refused, "ECS runs no models", ""},
    {"models.model", refused, "ECS runs no models", ""},
    {"models.name", refused, "ECS runs no models", ""},
    {"models.runtime_flags", refused, "ECS runs no models", ""},
    {"name", converted, "of the stack, the cluster, the log group and the namespace", ""},
    {"networks", converted, "a security group each", ""},
    {"networks.attachable", irrelevant, "nothing is attached by hand", ""},
    {"networks.driver", ignored, "the network is the VPC's", ""},
    {"networks.driver_opts", ignored, "the network is the VPC's", ""},
    {"networks.enable_ipv4", ignored, kVpc, ""},
    {"networks.enable_ipv6", ignored, kVpc, ""},
    {"networks.external", approximated, "a security group, by its id in `name`", ""},
    {"networks.internal", approximated, "members reach each other only, and HTTPS servers", ""},
    {"networks.ipam", ignored, kVpc, ""},
    {"networks.labels", irrelevant, "the group has tags of its own", "use `x-aws-tags`"},
    {"networks.name", approximated, "a tag of the security group", ""},
    {"secrets", converted, "in Secrets Manager; see secrets.md", ""},
    {"secrets.driver", ignored, kDrivers, ""},
    {"secrets.driver_opts", ignored, kDrivers, ""},
    {"secrets.environment", converted, "`up` writes it to Secrets Manager", ""},
    {"secrets.external", converted, "a secret of Secrets Manager or a parameter, by `name`", ""},
    {"secrets.file", converted, "`up` writes it to Secrets Manager", ""},
    {"secrets.labels", irrelevant, "the secret has tags of its own", ""},
    {"secrets.name", converted, "of an external secret", ""},
    {"secrets.template_driver", ignored, kDrivers, ""},
    {"services", converted, "see above", ""},
    {"version", irrelevant, "Compose has no versions any more", ""},
    {"volumes", converted, "EFS file systems; see volumes.md", ""},
    {"volumes.driver", ignored, kDrivers, ""},
    {"volumes.driver_opts", approximated, "those of the earlier tool; see volumes.md", ""},
    {"volumes.external", converted, "an existing file system, by its id in `name`", ""},
    {"volumes.labels", irrelevant, "the file system has tags of its own", "use `x-aws-tags`"},
    {"volumes.name", approximated, "the tag Name of the file system", ""},
});

constexpr auto kExtensions = std::to_array<ExtensionRow>({
    {"config or secret", "x-aws-keys", "members of the secret's JSON, one file each", kBoth},
    {"config or secret", "x-aws-kms_key", "the key that encrypts the secret", ""},
    {"config or secret of a service", "x-aws-env", "the variable that holds it", ""},
    {"config or secret of a service", "x-aws-file", "whether it is a file too", ""},
    {"deploy", "x-aws-autoscaling", "least and most tasks, and what decides; see scaling.md", kCli},
    {"deploy", "x-aws-strategy", "how an update takes traffic over", ""},
    {"network", "x-aws-securitygroup", "an existing security group", kBoth},
    {"port", "x-aws-protocol", "http or https: the port is an application load balancer's", kCli},
    {"project", "x-aws-bind", "what becomes of mounted folders of this machine", ""},
    {"project", "x-aws-cloudformation", "merged into the template", kCli},
    {"project", "x-aws-cluster", "an existing cluster", kBoth},
    {"project", "x-aws-discovery", "how services find each other; see networking.md", ""},
    {"project", "x-aws-hosted_zone", "the zone that names and certificates are made in", ""},
    {"project", "x-aws-init_image", "the image that writes files into tasks", ""},
    {"project", "x-aws-listener", "an existing listener", ""},
    {"project", "x-aws-loadbalancer", "an existing load balancer", kBoth},
    {"project", "x-aws-logs_retention", "days that logs are kept", kBoth},
    {"project", "x-aws-network", "where tasks and load balancers are placed", ""},
    {"project", "x-aws-patch", "JSON Patch (RFC 6902) of the template", ""},
    {"project", "x-aws-permissions_boundary", "the boundary of every role", ""},
    {"project", "x-aws-role_path", "the path of every role", ""},
    {"project", "x-aws-subnets", "subnets of the tasks", ""},
    {"project", "x-aws-tags", "tags of everything that can have some", ""},
    {"project", "x-aws-vpc", "the VPC to deploy to", kBoth},
    {"service", "x-aws-bind", "what becomes of mounted folders of this machine", ""},
    {"service", "x-aws-capacity", "Spot, Fargate or machines, and their shares", ""},
    {"service", "x-aws-discovery", "how the service finds others; see networking.md", ""},
    {"service", "x-aws-ephemeral_storage", "GiB of the task's own storage", ""},
    {"service", "x-aws-essential", "whether the task ends with this container", ""},
    {"service", "x-aws-healthcheck", "how the load balancer asks; see ingress.md", ""},
    {"service", "x-aws-hook", "run as a task before or after a deployment; see jobs.md", ""},
    {"service", "x-aws-ignore", "attributes that the service can do without", ""},
    {"service", "x-aws-ingress", "hosts, paths, certificates and more; see ingress.md", ""},
    {"service", "x-aws-init_image", "the image that writes files into its tasks", ""},
    {"service", "x-aws-keep_image_files", "files of the image stay beside mounted ones", ""},
    {"service", "x-aws-os_family", "the operating system of the task", ""},
    {"service", "x-aws-policies", "managed policies of the task's role", kBoth},
    {"service", "x-aws-pull_credentials", "the secret with the registry's credentials", kBoth},
    {"service", "x-aws-role", "a policy document of the task's role", kBoth},
    {"service", "x-aws-schedule", "runs as a task at times; see jobs.md", ""},
    {"service", "x-aws-tags", "tags of what belongs to the service", ""},
    {"update_config", "x-aws-alarms", "alarms that roll an update back", ""},
    {"update_config", "x-aws-max_percent", "most tasks during an update", kBoth},
    {"update_config", "x-aws-min_percent", "least healthy tasks during an update", kBoth},
    {"volume", "x-aws-owner", "uid:gid of the volume's folder", ""},
    {"volume", "x-aws-path", "the folder of the file system", ""},
    {"volume", "x-aws-tags", "tags of the file system", ""},
    {"volume of a service", "x-aws-bind", "what becomes of this mount", ""},
});

}  // namespace

std::span<const SupportRow> element_support() {
  return kElements;
}

std::span<const ExtensionRow> extension_rows() {
  return kExtensions;
}

}  // namespace convert
