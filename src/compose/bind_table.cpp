#include "compose/bind.hpp"

namespace compose {

// The types of a project, in the order in which its attributes print. After a name: `!` prints also
// when empty, `^` has a capital in the reference's JSON, `?` null and empty are different. `[t]` a
// list, `{t}` a mapping by name, `{t?}` whose values may stay null, `@t` see there, `~x` keeps
// extensions.
std::string_view bind_table() {
  return R"(
project = name:string services!:{@service} networks:{@network} volumes:{@volume} secrets:{@secret} configs:{@config}
  models:{@model} ~x
service = profiles:texts annotations:mapping attach?:bool build?:@build develop?:@develop blkio_config?:@blkio_config
  cap_add:texts cap_drop:texts cgroup_parent:string cgroup:string cpu_count:int64 cpu_percent:float32 cpu_period:int64
  cpu_quota:int64 cpu_rt_period:int64 cpu_rt_runtime:int64 cpus:float32 cpuset:string cpu_shares:int64 command?:command
  configs:[@file_reference] container_name:string credential_spec?:@credential_spec depends_on:{@dependency}
  deploy?:@deploy device_cgroup_rules:texts devices:[@device] dns:string_list dns_opt:texts dns_search:string_list
  dockerfile:string domainname:string entrypoint?:command provider?:@provider environment:variables
  env_file:[@env_file] expose:number_list extends?:@extends external_links:texts extra_hosts:hosts group_add:texts
  gpus:[@device_request] hostname:string healthcheck?:@healthcheck image:string init?:bool ipc:string isolation:string
  labels:labels label_file:texts links:texts logging?:@logging log_driver:string log_opt:text_map mem_limit:bytes
  mem_reservation:bytes memswap_limit:bytes mem_swappiness:bytes mac_address:string models:{@service_model?} net:string
  network_mode:string networks:{@service_network?} oom_kill_disable:bool oom_score_adj:int64 pid:string pids_limit:int64
  platform:string ports:[@port] privileged:bool pull_policy:string read_only:bool restart:string runtime:string
  scale?:int secrets:[@file_reference] security_opt:texts shm_size:bytes stdin_open:bool stop_grace_period?:duration
  stop_signal:string storage_opt:text_map sysctls:mapping tmpfs:string_list tty:bool ulimits:ulimits
  use_api_socket:bool user:string userns_mode:string uts:string volume_driver:string volumes:[@mount]
  volumes_from:texts working_dir:string pre_start:[@hook] post_start:[@hook] pre_stop:[@hook] ~x
provider = type:string options:multi_options ~x
blkio_config = weight:uint16 weight_device:[@weight_device] device_read_bps:[@throttle] device_read_iops:[@throttle]
  device_write_bps:[@throttle] device_write_iops:[@throttle] ~x
device = source:string target:string permissions:string ~x
weight_device = path!^Path:string weight!^Weight:uint16 ~x
throttle = path!^Path:string rate!^Rate:bytes ~x
logging = driver:string options:options ~x
deploy = mode:string replicas?:int labels:labels update_config?:@update_config rollback_config?:@update_config
  resources:@resources restart_policy?:@restart_policy placement:@placement endpoint_mode:string ~x
update_config = parallelism?:uint delay:duration failure_action:string monitor:duration max_failure_ratio:float32
  order:string ~x
resources = limits?:@resource reservations?:@resource ~x
resource = cpus:cpus memory:bytes pids:int64 devices:[@device_request] generic_resources:[@generic_resource] ~x
generic_resource = discrete_resource_spec?:@discrete_resource ~x
discrete_resource = kind!:string value!:int64 ~x
restart_policy = condition:string delay?:duration max_attempts?:uint window?:duration ~x
placement = constraints:texts preferences:[@preference] max_replicas_per_node:uint ~x
preference = spread:string ~x
service_network = aliases:texts driver_opts:options gw_priority:int interface_name:string ipv4_address:string
  ipv6_address:string link_local_ips:texts mac_address:string priority:int ~x
port = name:string mode:string host_ip:string target:uint32 published:string protocol:string app_protocol:string ~x
mount = type:string source:string target:string read_only:bool consistency:string bind?:@bind volume?:@mount_volume
  tmpfs?:@mount_tmpfs image?:@mount_image ~x
bind = selinux:string propagation:string create_host_path:opt_out recursive:string ~x
mount_volume = labels:mapping nocopy:bool subpath:string ~x
mount_tmpfs = size:bytes mode:uint32 ~x
mount_image = subpath:string ~x
file_reference = source:string target:string uid:string gid:string mode?:file_mode ~x
network = name:string driver:string driver_opts:options ipam:@ipam external:bool internal:bool attachable:bool
  labels:labels enable_ipv4?:bool enable_ipv6?:bool ~x
ipam = driver:string config:[@pool] options:options ~x
pool = subnet:string gateway:string ip_range:string aux_addresses:mapping
volume = name:string driver:string driver_opts:options external:bool labels:labels ~x
credential_spec = config:string file:string registry:string ~x
secret = name:string file:string environment:string content:string external:bool labels:labels driver:string
  driver_opts:text_map template_driver:string ~x
config = name:string file:string environment:string content:string external:bool labels:labels driver:string
  driver_opts:text_map template_driver:string ~x
dependency = condition:string restart:bool required!:bool ~x
env_file = path:string required:opt_out format:string
extends = file:string service:string
develop = watch:[@trigger] ~x
trigger = path!:string action!:string target:string exec:@hook include:texts ignore:texts initial_sync:bool ~x
hook = command?:command image:string user:string privileged:bool working_dir:string environment:variables
  per_replica:bool ~x
healthcheck = test:health_test timeout?:duration interval?:duration retries?:uint start_period?:duration
  start_interval?:duration disable:bool ~x
device_request = capabilities:texts driver:string count:device_count device_ids:texts options:mapping
build = context:string dockerfile:string dockerfile_inline:string entitlements:texts args:variables provenance:string
  sbom:string ssh:ssh labels:labels cache_from:string_list cache_to:string_list no_cache:bool
  no_cache_filter:string_list additional_contexts:mapping pull:bool extra_hosts:hosts isolation:string network:string
  target:string secrets:[@file_reference] shm_size:bytes tags:string_list ulimits:ulimits platforms:string_list
  privileged:bool ~x
model = name:string model:string context_size:int runtime_flags:texts ~x
service_model = endpoint_var:string model_var:string ~x
)";
}

}  // namespace compose
