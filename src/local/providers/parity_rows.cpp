#include "local/providers/parity.hpp"

namespace local {
namespace {

using enum Treatment;

constexpr ParityRow kService[] = {
    {"AvailabilityZoneRebalancing", ignored, "There is one machine."},
    {"CapacityProviderStrategy",
     simulated,
     "The first provider is shown as the task's; every task is a container here."},
    {"DeploymentConfiguration/Alarms/Enable", refused, "No alarm changes its state here.", "false"},
    {"DeploymentConfiguration/BakeTimeInMinutes",
     ignored,
     "A deployment ends when its tasks are healthy."},
    {"DeploymentConfiguration/CanaryConfiguration", refused, "Deployments are rolling."},
    {"DeploymentConfiguration/LifecycleHooks", refused, "There are no Lambda functions to call."},
    {"DeploymentConfiguration/LinearConfiguration", refused, "Deployments are rolling."},
    {"DeploymentConfiguration/Strategy",
     refused,
     "Deployments are rolling: BLUE_GREEN, CANARY and LINEAR need two versions side by side behind a listener that ECS re-weights.",
     "ROLLING"},
    {"DeploymentController/Type",
     refused,
     "CodeDeploy and external controllers are not on this machine.",
     "ECS"},
    {"EnableExecuteCommand", simulated, "`exec` enters the container by Docker."},
    {"LaunchType", simulated, "Every launch type is a container on this machine."},
    {"LoadBalancers/*/AdvancedConfiguration", refused, "It belongs to blue/green deployments."},
    {"Monitoring", ignored, "There are no metrics."},
    {"NetworkConfiguration",
     simulated,
     "A security group is a Docker network; subnets are remembered; public addresses are not given."},
    {"PlacementConstraints", ignored, "There is one machine."},
    {"PlacementStrategies", ignored, "There is one machine."},
    {"PlatformVersion", ignored, "It is always shown as 1.4.0."},
    {"Role", ignored, "Nothing is enforced."},
    {"SchedulingStrategy", refused, "DAEMON needs container instances.", "REPLICA"},
    {"ServiceConnectConfiguration",
     simulated,
     "Discovery and alias names are names on the service's networks; there is no proxy, so ports are the containers' own."},
    {"ServiceConnectConfiguration/Services/*/Tls", refused, "There is no proxy to speak TLS."},
    {"VolumeConfigurations",
     refused,
     "Volumes of EBS are not on this machine; volumes of the task and of EFS are."},
    {"VpcLatticeConfigurations", refused, "VPC Lattice is not on this machine."},
};

constexpr ParityRow kTaskDefinition[] = {
    {"ContainerDefinitions/*/Cpu", simulated, "A weight and not a cap."},
    {"ContainerDefinitions/*/CredentialSpecs", refused, "They are Windows'."},
    {"ContainerDefinitions/*/DisableNetworking", refused, "A task has its network."},
    {"ContainerDefinitions/*/DnsServers", refused, "Names are resolved by Docker."},
    {"ContainerDefinitions/*/DockerSecurityOptions", refused, "Fargate does not have them either."},
    {"ContainerDefinitions/*/EnvironmentFiles", refused, "Put the variables into Environment."},
    {"ContainerDefinitions/*/FirelensConfiguration",
     refused,
     "Logs are shipped by the engine: use awslogs."},
    {"ContainerDefinitions/*/HealthCheck",
     simulated,
     "Asked for at once and more slowly until the first success; then by Docker at its interval."},
    {"ContainerDefinitions/*/Hostname", refused, "Fargate does not have it either."},
    {"ContainerDefinitions/*/Links", refused, "Fargate does not have them either."},
    {"ContainerDefinitions/*/LinuxParameters/Devices",
     refused,
     "Devices of the host are not given to tasks."},
    {"ContainerDefinitions/*/LinuxParameters/InitProcessEnabled",
     simulated,
     "Every container has an init process."},
    {"ContainerDefinitions/*/LinuxParameters/MaxSwap", ignored, "Docker's default holds."},
    {"ContainerDefinitions/*/LinuxParameters/Swappiness", ignored, "Docker's default holds."},
    {"ContainerDefinitions/*/LogConfiguration",
     simulated,
     "awslogs goes to the engine's CloudWatch Logs; other drivers are kept and not used."},
    {"ContainerDefinitions/*/ResourceRequirements",
     refused,
     "GPUs and accelerators are not given to tasks."},
    {"ContainerDefinitions/*/VersionConsistency",
     ignored,
     "An image that the machine has is used as it is."},
    {"EnableFaultInjection", ignored, "Nothing injects faults."},
    {"EphemeralStorage", ignored, "Containers have what Docker's disk has."},
    {"ExecutionRoleArn", ignored, "Nothing is enforced."},
    {"InferenceAccelerators", refused, "They are not on this machine."},
    {"IpcMode", refused, "Fargate does not have it either."},
    {"Memory", simulated, "A limit for each container, at most what the machine has."},
    {"NetworkMode", refused, "A task has a network of its own.", "awsvpc"},
    {"PlacementConstraints", ignored, "There is one machine."},
    {"ProxyConfiguration", refused, "App Mesh is not on this machine."},
    {"RuntimePlatform/CpuArchitecture", simulated, "The machine's own architecture runs."},
    {"RuntimePlatform/OperatingSystemFamily",
     refused,
     "Windows containers do not run on Linux.",
     "LINUX"},
    {"TaskRoleArn", ignored, "Nothing is enforced, and tasks get no credentials."},
    {"Volumes/*/ConfiguredAtLaunch", refused, "Volumes of EBS are not on this machine.", "false"},
    {"Volumes/*/DockerVolumeConfiguration",
     refused,
     "Fargate does not have it either; a volume without a configuration is shared by the task's containers."},
    {"Volumes/*/EFSVolumeConfiguration",
     simulated,
     "A Docker volume for each root directory; containers act as their own user, not as the access point's; directories inside each other are separate."},
    {"Volumes/*/FSxWindowsFileServerVolumeConfiguration", refused, "It is Windows'."},
    {"Volumes/*/Host/SourcePath",
     refused,
     "A directory of the host is not given to tasks, on Fargate neither."},
};

constexpr ParityRow kCluster[] = {
    {"CapacityProviders", ignored, "Every task is a container here."},
    {"ClusterSettings", ignored, "There are no metrics."},
    {"Configuration", ignored, "`exec` is by Docker and not logged."},
    {"DefaultCapacityProviderStrategy", ignored, "Every task is a container here."},
    {"ServiceConnectDefaults", ignored, "A service names its namespace."},
};

constexpr ParityRow kFileSystem[] = {
    {"AvailabilityZoneName", ignored, "There is one machine."},
    {"BackupPolicy", ignored, "There are no backups."},
    {"BypassPolicyLockoutSafetyCheck", ignored, "Nothing is enforced."},
    {"Encrypted", ignored, "The files are as they are in Docker's volumes."},
    {"FileSystemPolicy", ignored, "Nothing is enforced."},
    {"FileSystemProtection", ignored, "There is no replication."},
    {"KmsKeyId", ignored, "The files are as they are in Docker's volumes."},
    {"LifecyclePolicies", ignored, "There is one storage class."},
    {"PerformanceMode", ignored, "The disk is the machine's."},
    {"ProvisionedThroughputInMibps", ignored, "The disk is the machine's."},
    {"ReplicationConfiguration", refused, "There is no other region."},
    {"ThroughputMode", ignored, "The disk is the machine's."},
};

constexpr ParityRow kAccessPoint[] = {
    {"PosixUser", ignored, "Containers act as their own user."},
    {"RootDirectory", simulated, "A Docker volume; owner and permissions are set when it is new."},
};

constexpr ParityRow kMountTarget[] = {
    {"IpAddress", ignored, "Nothing is mounted by network."},
    {"IpAddressType", ignored, "Nothing is mounted by network."},
    {"Ipv6Address", ignored, "Nothing is mounted by network."},
    {"SecurityGroups", ignored, "Nothing is mounted by network."},
};

constexpr ParityRow kSecurityGroup[] = {
    {"SecurityGroupEgress", ignored, "Tasks may reach everything."},
    {"SecurityGroupIngress",
     simulated,
     "Members of a group reach each other on every port; other sources are remembered."},
    {"VpcId", ignored, "There is one network."},
};

constexpr ParityRow kTargetGroup[] = {
    {"ProtocolVersion", refused, "Targets are spoken to in HTTP/1.1.", "HTTP1"},
    {"TargetType", simulated, "Targets are containers' addresses."},
    {"VpcId", ignored, "There is one network."},
};

constexpr ParityRow kLoadBalancer[] = {
    {"Scheme", simulated, "Internal or not, it listens on loopback."},
    {"SecurityGroups", ignored, "They are remembered and not enforced."},
    {"SubnetMappings", ignored, "It listens on loopback."},
    {"Subnets", ignored, "It listens on loopback."},
};

constexpr ParityRow kListener[] = {
    {"MutualAuthentication/Mode", refused, "Clients are not asked for certificates.", "off"},
};

constexpr ParityRow kListenerRule[] = {
    {"Transforms", refused, "Requests are forwarded as they are."},
};

constexpr ParityRow kLogGroup[] = {
    {"KmsKeyId", ignored, "Logs are files of this user."},
    {"LogGroupClass", ignored, "There is one."},
};

constexpr ParityRow kSecret[] = {
    {"KmsKeyId", simulated, "Values are encrypted with the engine's own key."},
};

constexpr ParityType kTypes[] = {
    {"AWS::ApplicationAutoScaling::ScalableTarget",
     ignored,
     "Nothing scales by itself; the service is kept between MinCapacity and MaxCapacity.",
     {}},
    {"AWS::ApplicationAutoScaling::ScalingPolicy", ignored, "Nothing scales by itself.", {}},
    {"AWS::CertificateManager::Certificate",
     simulated,
     "Issued at once by an authority of this machine.",
     {}},
    {"AWS::CloudFormation::WaitConditionHandle", simulated, "A name.", {}},
    {"AWS::CloudWatch::Alarm", ignored, "There are no metrics; its state never changes.", {}},
    {"AWS::EC2::DHCPOptions", ignored, "Search domains come from Cloud Map's namespaces.", {}},
    {"AWS::EC2::EIP", ignored, "Its address is 127.0.0.1.", {}},
    {"AWS::EC2::InternetGateway", ignored, "Tasks reach the internet as the machine does.", {}},
    {"AWS::EC2::NatGateway", ignored, "Tasks reach the internet as the machine does.", {}},
    {"AWS::EC2::Route", ignored, "Tasks reach the internet as the machine does.", {}},
    {"AWS::EC2::RouteTable", ignored, "Tasks reach the internet as the machine does.", {}},
    {"AWS::EC2::SecurityGroup", done, "A Docker network.", kSecurityGroup},
    {"AWS::EC2::SecurityGroupEgress", ignored, "Tasks may reach everything.", {}},
    {"AWS::EC2::SecurityGroupIngress",
     simulated,
     "Members of a group reach each other on every port; other sources are remembered.",
     {}},
    {"AWS::EC2::Subnet", simulated, "It stands for the engine's subnet in that zone.", {}},
    {"AWS::EC2::SubnetRouteTableAssociation",
     ignored,
     "Tasks reach the internet as the machine does.",
     {}},
    {"AWS::EC2::VPC", simulated, "It stands for the engine's only VPC.", {}},
    {"AWS::EC2::VPCDHCPOptionsAssociation",
     ignored,
     "Search domains come from Cloud Map's namespaces.",
     {}},
    {"AWS::EC2::VPCEndpoint", ignored, "The engine answers on loopback.", {}},
    {"AWS::EC2::VPCGatewayAttachment",
     ignored,
     "Tasks reach the internet as the machine does.",
     {}},
    {"AWS::ECS::CapacityProvider", ignored, "Every task is a container here.", {}},
    {"AWS::ECS::Cluster", done, "", kCluster},
    {"AWS::ECS::ClusterCapacityProviderAssociations",
     ignored,
     "Every task is a container here.",
     {}},
    {"AWS::ECS::Service", done, "", kService},
    {"AWS::ECS::TaskDefinition", done, "", kTaskDefinition},
    {"AWS::EFS::AccessPoint", done, "", kAccessPoint},
    {"AWS::EFS::FileSystem", done, "Docker volumes that live until it is deleted.", kFileSystem},
    {"AWS::EFS::MountTarget", simulated, "A task does not start without one.", kMountTarget},
    {"AWS::ElasticLoadBalancingV2::Listener", done, "A port on loopback.", kListener},
    {"AWS::ElasticLoadBalancingV2::ListenerCertificate", done, "", {}},
    {"AWS::ElasticLoadBalancingV2::ListenerRule", done, "", kListenerRule},
    {"AWS::ElasticLoadBalancingV2::LoadBalancer", done, "", kLoadBalancer},
    {"AWS::ElasticLoadBalancingV2::TargetGroup", done, "", kTargetGroup},
    {"AWS::IAM::InstanceProfile", ignored, "Nothing is enforced.", {}},
    {"AWS::IAM::ManagedPolicy", ignored, "Kept and shown by the IAM API; nothing is enforced.", {}},
    {"AWS::IAM::Policy", ignored, "Kept and shown by the IAM API; nothing is enforced.", {}},
    {"AWS::IAM::Role", ignored, "Kept and shown by the IAM API; nothing is enforced.", {}},
    {"AWS::Logs::LogGroup", done, "", kLogGroup},
    {"AWS::Route53::RecordSet", ignored, "Names below .localhost lead here without it.", {}},
    {"AWS::SNS::Topic", ignored, "Nothing is delivered.", {}},
    {"AWS::SSM::Parameter", done, "", {}},
    {"AWS::Scheduler::Schedule",
     ignored,
     "Nothing starts by itself; `compose run` starts the service once.",
     {}},
    {"AWS::Scheduler::ScheduleGroup", ignored, "Nothing starts by itself.", {}},
    {"AWS::SecretsManager::Secret", done, "", kSecret},
    {"AWS::ServiceDiscovery::PrivateDnsNamespace", simulated, "A search domain.", {}},
    {"AWS::ServiceDiscovery::Service",
     simulated,
     "Names on the networks of the service's tasks, those of unhealthy ones included.",
     {}},
};

}  // namespace

std::span<const ParityType> parity_table() {
  return kTypes;
}

}  // namespace local
