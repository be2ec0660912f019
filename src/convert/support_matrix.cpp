#include "convert/support_matrix.hpp"

#include <algorithm>
#include <array>

namespace convert {
namespace {

using enum Support;

constexpr std::string_view kNoHost = "a Fargate task has a machine of its own";
constexpr std::string_view kKernel = "Fargate sets the kernel's limits itself";
constexpr std::string_view kResolver =
    "tasks use the VPC's resolver, which also answers the project's own names";

constexpr auto kMatrix = std::to_array<SupportRow>({
    {"annotations", irrelevant, "ECS has no annotations", "use `labels`"},
    {"attach", irrelevant, "`up` never attaches to containers", "use `docker ecs compose logs`"},
    {"blkio_config", ignored, kKernel, ""},
    {"build", irrelevant, "the image must be in a registry before `up`", ""},
    {"cap_add", approximated, "Fargate allows SYS_PTRACE only", ""},
    {"cap_drop", converted, "LinuxParameters.Capabilities.Drop", ""},
    {"cgroup", ignored, kNoHost, ""},
    {"cgroup_parent", ignored, kNoHost, ""},
    {"command", converted, "ContainerDefinitions.Command", ""},
    {"configs", converted, "files, written by a container that runs first; see secrets.md", ""},
    {"configs.target", approximated, "not in a folder of the system, nor in the root", ""},
    {"container_name", irrelevant, "the container is named after its service", ""},
    {"cpu_count", ignored, kKernel, "use `deploy.resources.limits.cpus`"},
    {"cpu_percent", ignored, kKernel, "use `deploy.resources.limits.cpus`"},
    {"cpu_period", ignored, kKernel, "use `deploy.resources.limits.cpus`"},
    {"cpu_quota", ignored, kKernel, "use `deploy.resources.limits.cpus`"},
    {"cpu_rt_period", ignored, kKernel, ""},
    {"cpu_rt_runtime", ignored, kKernel, ""},
    {"cpu_shares", ignored, "a task has its CPUs for itself", "use `deploy.resources.limits.cpus`"},
    {"cpus", converted, "the task's size, rounded up to what Fargate offers", ""},
    {"cpuset", ignored, kKernel, ""},
    {"credential_spec", ignored, "Linux tasks have no Windows credentials", ""},
    {"depends_on",
     converted,
     "the service is created after the services it depends on are steady; in one task, the order of "
     "its containers",
     "see tasks.md and jobs.md"},
    {"depends_on.restart", ignored, "an update of one service does not restart another", ""},
    {"deploy", converted, "", ""},
    {"deploy.endpoint_mode", irrelevant, "names resolve to the addresses of the tasks", ""},
    {"deploy.labels",
     approximated,
     "`ecs.task.family` puts services into one task; others are for a swarm's tools",
     "see tasks.md"},
    {"deploy.mode", approximated, "`global` is not possible on Fargate", ""},
    {"deploy.placement", ignored, "Fargate chooses where a task runs, spread over the zones", ""},
    {"deploy.replicas",
     converted,
     "DesiredCount, unless `x-aws-autoscaling` decides",
     "see scaling.md"},
    {"deploy.resources", converted, "the task's size, rounded up to what Fargate offers", ""},
    {"deploy.resources.limits.pids", ignored, kKernel, ""},
    {"deploy.resources.reservations.devices", refused, "Fargate has no such devices", ""},
    {"deploy.resources.reservations.generic_resources", refused, "Fargate has no such devices", ""},
    {"deploy.restart_policy",
     approximated,
     "ECS replaces every task that stops, with growing pauses",
     ""},
    {"deploy.rollback_config", ignored, "a rollback keeps to the limits of `update_config`", ""},
    {"deploy.update_config", converted, "DeploymentConfiguration", ""},
    {"deploy.update_config.delay", ignored, "ECS goes on as soon as new tasks are healthy", ""},
    {"deploy.update_config.failure_action", approximated, "the circuit breaker rolls back", ""},
    {"deploy.update_config.max_failure_ratio",
     ignored,
     "the circuit breaker has a threshold of its own",
     ""},
    {"deploy.update_config.monitor",
     ignored,
     "the circuit breaker watches the whole deployment",
     ""},
    {"develop", irrelevant, "for `docker compose watch` only", ""},
    {"device_cgroup_rules", ignored, kNoHost, ""},
    {"devices", refused, "Fargate has no such devices", "or say `x-aws-ignore: devices`"},
    {"dns", ignored, kResolver, ""},
    {"dns_opt", ignored, kResolver, ""},
    {"dns_search", ignored, kResolver, ""},
    {"domainname", ignored, "ECS names the host of a task", ""},
    {"driver_opts", ignored, "the network is the VPC's", ""},
    {"entrypoint", converted, "ContainerDefinitions.EntryPoint", ""},
    {"env_file", converted, "ContainerDefinitions.Environment", ""},
    {"environment", converted, "ContainerDefinitions.Environment", ""},
    {"expose",
     approximated,
     "services that share a network reach every port of each other; Service Connect and "
     "`x-aws-ingress` use these",
     ""},
    {"extends", converted, "", ""},
    {"external_links", ignored, "only services of this project have names here", ""},
    {"extra_hosts", ignored, "ECS does not write /etc/hosts", "use names that DNS knows"},
    {"gpus", refused, "Fargate has no GPUs", "run on the CPU, and say `x-aws-ignore: gpus`"},
    {"group_add", ignored, "ECS cannot add groups", "set the group in `user`: \"1000:1000\""},
    {"healthcheck", converted, "ContainerDefinitions.HealthCheck", ""},
    {"healthcheck.start_interval", irrelevant, "ECS checks at `interval` from the start", ""},
    {"hostname", ignored, "ECS names the host of a task", "reach the service by its name"},
    {"image", converted, "ContainerDefinitions.Image", ""},
    {"init", converted, "LinuxParameters.InitProcessEnabled", ""},
    {"ipc", ignored, kNoHost, ""},
    {"isolation", ignored, "for Windows hosts only", ""},
    {"label_file", converted, "ContainerDefinitions.DockerLabels", ""},
    {"labels", converted, "ContainerDefinitions.DockerLabels", ""},
    {"links",
     approximated,
     "an order of start; services are reached by their own names, not by link aliases",
     ""},
    {"logging", approximated, "output goes to CloudWatch Logs by the awslogs driver", ""},
    {"mac_address", ignored, "the VPC gives the addresses", ""},
    {"mem_limit", converted, "the task's size, rounded up to what Fargate offers", ""},
    {"mem_reservation",
     converted,
     "the task's size when there is no limit, and MemoryReservation",
     ""},
    {"mem_swappiness", ignored, "Fargate has no swap", ""},
    {"memswap_limit", ignored, "Fargate has no swap", ""},
    {"models",
     refused,
     "there is no model runner",
     "give the endpoint of a hosted model in `environment`, and say `x-aws-ignore: models`"},
    {"network_mode",
     approximated,
     "`service:x` puts the containers into one task; every task has an address of its own in the VPC",
     "see tasks.md"},
    {"networks", converted, "a security group per network", ""},
    {"networks.aliases", ignored, "a service is reached by its own name only", ""},
    {"networks.driver_opts", ignored, "the network is the VPC's", ""},
    {"networks.gw_priority", ignored, "a task has one network interface", ""},
    {"networks.interface_name", ignored, "a task has one network interface", ""},
    {"networks.ipv4_address",
     ignored,
     "the VPC gives the addresses",
     "reach the service by its name"},
    {"networks.ipv6_address",
     ignored,
     "the VPC gives the addresses",
     "reach the service by its name"},
    {"networks.link_local_ips", ignored, "the VPC gives the addresses", ""},
    {"networks.mac_address", ignored, "the VPC gives the addresses", ""},
    {"networks.priority", ignored, "a task has one network interface", ""},
    {"oom_kill_disable", ignored, kKernel, ""},
    {"oom_score_adj", ignored, kKernel, ""},
    {"pid", ignored, kNoHost, ""},
    {"pids_limit", ignored, kKernel, ""},
    {"platform", approximated, "Linux on x86-64 or ARM64, Windows on x86-64", "see scaling.md"},
    {"ports",
     converted,
     "a listener on the published port, forwarding to the container's port",
     ""},
    {"ports.app_protocol",
     converted,
     "HTTP goes to an Application Load Balancer, the rest to a Network Load Balancer",
     ""},
    {"ports.host_ip", approximated, "a port of the loopback address gets no listener", ""},
    {"ports.mode", approximated, "a port of mode `host` gets no listener", ""},
    {"ports.name", irrelevant, "listeners are named by service and port", ""},
    {"post_start", ignored, "ECS has no hooks inside a container", ""},
    {"pre_start", ignored, "ECS has no hooks inside a container", ""},
    {"pre_stop", ignored, "ECS has no hooks inside a container", "handle SIGTERM"},
    {"privileged",
     refused,
     "Fargate has no privileged containers",
     "ask for capabilities only, or say `x-aws-ignore: privileged`"},
    {"profiles",
     converted,
     "services of active profiles run; of the others there is a task definition, to be run by hand",
     ""},
    {"provider",
     refused,
     "services of an external provider are not run",
     "make what it provides part of the stack with `x-aws-cloudformation`"},
    {"pull_policy", irrelevant, "every new task pulls its image", ""},
    {"pull_refresh_after", irrelevant, "every new task pulls its image", ""},
    {"read_only", converted, "ContainerDefinitions.ReadonlyRootFilesystem", ""},
    {"restart",
     approximated,
     "ECS replaces every task that stops; in a task of several containers, RestartPolicy",
     ""},
    {"runtime", ignored, kNoHost, ""},
    {"scale", converted, "DesiredCount", ""},
    {"secrets",
     converted,
     "files or variables from Secrets Manager or Parameter Store; see secrets.md",
     ""},
    {"security_opt", ignored, kNoHost, ""},
    {"shm_size",
     ignored,
     "Fargate gives /dev/shm 64 MiB",
     "mount a tmpfs there: `tmpfs: /dev/shm:size=1g`"},
    {"stdin_open", irrelevant, "nothing is attached to a task's standard input", ""},
    {"stop_grace_period", converted, "ContainerDefinitions.StopTimeout, at most 120 s", ""},
    {"stop_signal",
     ignored,
     "ECS sends the image's STOPSIGNAL, else SIGTERM",
     "set it in the image"},
    {"storage_opt", ignored, "a task has 20 GiB of its own", "use `x-aws-ephemeral_storage`"},
    {"sysctls", approximated, "Fargate allows the namespaced net.* and IPC parameters", ""},
    {"tmpfs", converted, "LinuxParameters.Tmpfs", ""},
    {"tty", irrelevant, "logs need no terminal", ""},
    {"ulimits", converted, "ContainerDefinitions.Ulimits", ""},
    {"use_api_socket",
     refused,
     "there is no Docker Engine in a task",
     "give credentials as `secrets`, and say `x-aws-ignore: use_api_socket`"},
    {"user", converted, "ContainerDefinitions.User", ""},
    {"userns_mode", ignored, kNoHost, ""},
    {"uts", ignored, kNoHost, ""},
    {"volumes",
     approximated,
     "named volumes become EFS, tmpfs mounts tmpfs, small files of the project travel in the template",
     "see volumes.md"},
    {"volumes_from",
     refused,
     "containers do not share their mounts",
     "mount the same named volume in both services"},
    {"working_dir", converted, "ContainerDefinitions.WorkingDirectory", ""},
});

static_assert(std::is_sorted(kMatrix.begin(),
                             kMatrix.end(),
                             [](const SupportRow& a, const SupportRow& b) {
                               return a.attribute < b.attribute;
                             }));

}  // namespace

std::span<const SupportRow> support_matrix() {
  return kMatrix;
}

const SupportRow* find_support(std::string_view attribute) {
  while (true) {
    const auto* row = std::lower_bound(
        kMatrix.begin(), kMatrix.end(), attribute, [](const SupportRow& a, std::string_view b) {
          return a.attribute < b;
        });
    if (row != kMatrix.end() && row->attribute == attribute) {
      return row;
    }
    const std::size_t dot = attribute.rfind('.');
    if (dot == std::string_view::npos) {
      return nullptr;
    }
    attribute = attribute.substr(0, dot);
  }
}

std::string_view support_word(Support support) {
  switch (support) {
    case converted: return "converted";
    case approximated: return "approximated";
    case irrelevant: return "irrelevant";
    case ignored: return "ignored";
    case refused: return "refused";
  }
  return "";
}

}  // namespace convert
