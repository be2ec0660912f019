#pragma once

#include <array>
#include <string_view>

namespace cloudformation {

// One row a type: properties as name:kind with * = required, ! = a change replaces the resource, ~
// = it may. Facts of AWS's resource specification, picked for the types that the local engine
// creates.
struct SchemaRow {
  std::string_view type;
  std::string_view properties;
  std::string_view attributes;
};

inline constexpr std::array kSchemaRows = {
    SchemaRow{
        "AWS::CertificateManager::Certificate",
        "CertificateAuthorityArn:s! CertificateExport:s! CertificateTransparencyLoggingPreference:s "
        "DomainName:s*! DomainValidationOptions:l! KeyAlgorithm:s! SubjectAlternativeNames:l! "
        "Tags:l ValidationMethod:s!",
        "CertificateArn Id"},
    SchemaRow{"AWS::ApplicationAutoScaling::ScalableTarget",
              "MaxCapacity:i* MinCapacity:i* ResourceId:s*! RoleARN:s ScalableDimension:s*! "
              "ScheduledActions:l ServiceNamespace:s*! SuspendedState:o Tags:l",
              "Id"},
    SchemaRow{"AWS::ApplicationAutoScaling::ScalingPolicy",
              "PolicyName:s*! PolicyType:s* PredictiveScalingPolicyConfiguration:o "
              "ResourceId:s! ScalableDimension:s! ScalingTargetId:s! ServiceNamespace:s! "
              "StepScalingPolicyConfiguration:o TargetTrackingScalingPolicyConfiguration:o",
              "Arn"},
    SchemaRow{"AWS::CloudWatch::Alarm",
              "ActionsEnabled:b AlarmActions:l AlarmDescription:s AlarmName:s! "
              "ComparisonOperator:s DatapointsToAlarm:i Dimensions:l "
              "EvaluateLowSampleCountPercentile:s EvaluationPeriods:i ExtendedStatistic:s "
              "InsufficientDataActions:l MetricName:s Metrics:l Namespace:s OKActions:l "
              "Period:i Statistic:s Tags:l Threshold:s ThresholdMetricId:s TreatMissingData:s "
              "Unit:s",
              "Arn"},
    SchemaRow{"AWS::EC2::DHCPOptions",
              "DomainName:s! DomainNameServers:l! Ipv6AddressPreferredLeaseTime:i! "
              "NetbiosNameServers:l! NetbiosNodeType:i! NtpServers:l! Tags:l",
              "DhcpOptionsId"},
    SchemaRow{"AWS::EC2::EIP",
              "Address:s! Domain:s! InstanceId:s NetworkBorderGroup:s! PublicIpv4Pool:s Tags:l",
              "AllocationId PublicIp"},
    SchemaRow{"AWS::EC2::InternetGateway", "Tags:l", "InternetGatewayId"},
    SchemaRow{"AWS::EC2::NatGateway",
              "AllocationId:s! ConnectivityType:s! MaxDrainDurationSeconds:i "
              "PrivateIpAddress:s! SecondaryAllocationIds:l SecondaryPrivateIpAddressCount:i "
              "SecondaryPrivateIpAddresses:l SubnetId:s! Tags:l VpcId:s!",
              "NatGatewayId"},
    SchemaRow{"AWS::EC2::Route",
              "DestinationCidrBlock:s! DestinationIpv6CidrBlock:s! DestinationPrefixListId:s! "
              "EgressOnlyInternetGatewayId:s GatewayId:s InstanceId:s NatGatewayId:s "
              "NetworkInterfaceId:s RouteTableId:s*! TransitGatewayId:s VpcEndpointId:s "
              "VpcPeeringConnectionId:s",
              "CidrBlock"},
    SchemaRow{"AWS::EC2::RouteTable", "Tags:l VpcId:s*!", "RouteTableId"},
    SchemaRow{"AWS::EC2::Subnet",
              "AssignIpv6AddressOnCreation:b AvailabilityZone:s! CidrBlock:s! Ipv6CidrBlock:s~ "
              "MapPublicIpOnLaunch:b Tags:l VpcId:s*!",
              "AvailabilityZone SubnetId VpcId"},
    SchemaRow{"AWS::EC2::VPC",
              "CidrBlock:s! EnableDnsHostnames:b EnableDnsSupport:b InstanceTenancy:s~ Tags:l",
              "CidrBlock VpcId"},
    SchemaRow{"AWS::EC2::SubnetRouteTableAssociation", "RouteTableId:s*! SubnetId:s*!", "Id"},
    SchemaRow{"AWS::EC2::VPCDHCPOptionsAssociation", "DhcpOptionsId:s* VpcId:s*!", ""},
    SchemaRow{"AWS::EC2::VPCEndpoint",
              "DnsOptions:o IpAddressType:s PolicyDocument:j PrivateDnsEnabled:b "
              "RouteTableIds:l SecurityGroupIds:l ServiceName:s! ServiceRegion:s! SubnetIds:l "
              "Tags:l VpcEndpointType:s! VpcId:s*!",
              "Id"},
    SchemaRow{"AWS::EC2::VPCGatewayAttachment",
              "InternetGatewayId:s VpcId:s*! VpnGatewayId:s",
              "AttachmentType"},
    SchemaRow{"AWS::ECS::CapacityProvider",
              "AutoScalingGroupProvider:o ClusterName:s! ManagedInstancesProvider:o Name:s! "
              "Tags:l",
              ""},
    SchemaRow{"AWS::IAM::InstanceProfile", "InstanceProfileName:s! Path:s! Roles:l*", "Arn"},
    SchemaRow{"AWS::Scheduler::Schedule",
              "Description:s EndDate:s FlexibleTimeWindow:o* GroupName:s KmsKeyArn:s Name:s! "
              "ScheduleExpression:s* ScheduleExpressionTimezone:s StartDate:s State:s Target:o*",
              "Arn"},
    SchemaRow{"AWS::Scheduler::ScheduleGroup", "Name:s! Tags:l", "Arn State"},
    SchemaRow{"AWS::CloudFormation::WaitConditionHandle", "", "Id"},
    SchemaRow{
        "AWS::EC2::SecurityGroup",
        "GroupDescription:s*! GroupName:s! SecurityGroupEgress:l SecurityGroupIngress:l Tags:l "
        "VpcId:s!",
        "GroupId Id VpcId"},
    SchemaRow{"AWS::EC2::SecurityGroupEgress",
              "CidrIp:s! CidrIpv6:s! Description:s DestinationPrefixListId:s! "
              "DestinationSecurityGroupId:s! FromPort:i! GroupId:s*! IpProtocol:s*! ToPort:i!",
              "Id"},
    SchemaRow{
        "AWS::EC2::SecurityGroupIngress",
        "CidrIp:s! CidrIpv6:s! Description:s FromPort:i! GroupId:s! GroupName:s! IpProtocol:s*! "
        "SourcePrefixListId:s! SourceSecurityGroupId:s! SourceSecurityGroupName:s! "
        "SourceSecurityGroupOwnerId:s! ToPort:i!",
        "Id"},
    SchemaRow{"AWS::ECS::Cluster",
              "CapacityProviders:l ClusterName:s! ClusterSettings:l Configuration:o "
              "DefaultCapacityProviderStrategy:l ServiceConnectDefaults:o Tags:l",
              "Arn"},
    SchemaRow{"AWS::ECS::ClusterCapacityProviderAssociations",
              "CapacityProviders:l Cluster:s*! DefaultCapacityProviderStrategy:l*",
              ""},
    SchemaRow{
        "AWS::ECS::Service",
        "AvailabilityZoneRebalancing:s CapacityProviderStrategy:l Cluster:s! "
        "DeploymentConfiguration:o DeploymentController:o DesiredCount:i EnableECSManagedTags:b "
        "EnableExecuteCommand:b ForceNewDeployment:o HealthCheckGracePeriodSeconds:i "
        "LaunchType:s~ LoadBalancers:l Monitoring:o NetworkConfiguration:o PlacementConstraints:l "
        "PlacementStrategies:l PlatformVersion:s PropagateTags:s Role:s! SchedulingStrategy:s! "
        "ServiceConnectConfiguration:o ServiceName:s! ServiceRegistries:l Tags:l TaskDefinition:s "
        "VolumeConfigurations:l VpcLatticeConfigurations:l",
        "Name ServiceArn"},
    SchemaRow{"AWS::ECS::TaskDefinition",
              "ContainerDefinitions:l! Cpu:s! EnableFaultInjection:b! EphemeralStorage:o! "
              "ExecutionRoleArn:s! Family:s! InferenceAccelerators:l! IpcMode:s! Memory:s! "
              "NetworkMode:s! PidMode:s! PlacementConstraints:l! ProxyConfiguration:o! "
              "RequiresCompatibilities:l! RuntimePlatform:o! Tags:l TaskRoleArn:s! Volumes:l!",
              "TaskDefinitionArn"},
    SchemaRow{"AWS::EFS::AccessPoint",
              "AccessPointTags:l ClientToken:s! FileSystemId:s*! PosixUser:o! RootDirectory:o!",
              "AccessPointId Arn"},
    SchemaRow{
        "AWS::EFS::FileSystem",
        "AvailabilityZoneName:s! BackupPolicy:o BypassPolicyLockoutSafetyCheck:b Encrypted:b! "
        "FileSystemPolicy:j FileSystemProtection:o FileSystemTags:l KmsKeyId:s! "
        "LifecyclePolicies:l PerformanceMode:s! ProvisionedThroughputInMibps:i "
        "ReplicationConfiguration:o ThroughputMode:s",
        "Arn FileSystemId"},
    SchemaRow{"AWS::EFS::MountTarget",
              "FileSystemId:s*! IpAddress:s! IpAddressType:s! Ipv6Address:s! SecurityGroups:l* "
              "SubnetId:s*!",
              "Id IpAddress"},
    SchemaRow{
        "AWS::ElasticLoadBalancingV2::Listener",
        "AlpnPolicy:l Certificates:l DefaultActions:l* ListenerAttributes:l LoadBalancerArn:s*! "
        "MutualAuthentication:o Port:i Protocol:s SslPolicy:s Tags:l",
        "ListenerArn"},
    SchemaRow{"AWS::ElasticLoadBalancingV2::ListenerCertificate",
              "Certificates:l* ListenerArn:s*!",
              "Id"},
    SchemaRow{"AWS::ElasticLoadBalancingV2::ListenerRule",
              "Actions:l* Conditions:l* ListenerArn:s! Priority:i* Tags:l Transforms:l",
              "IsDefault RuleArn"},
    SchemaRow{
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic:s IpAddressType:s "
        "LoadBalancerAttributes:l Name:s! Scheme:s! SecurityGroups:l SubnetMappings:l Subnets:l "
        "Tags:l Type:s!",
        "CanonicalHostedZoneID DNSName LoadBalancerArn LoadBalancerFullName LoadBalancerName "
        "SecurityGroups"},
    SchemaRow{
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "HealthCheckEnabled:b HealthCheckIntervalSeconds:i HealthCheckPath:s HealthCheckPort:s "
        "HealthCheckProtocol:s HealthCheckTimeoutSeconds:i HealthyThresholdCount:i "
        "IpAddressType:s! Matcher:o Name:s! Port:i! Protocol:s! ProtocolVersion:s! Tags:l "
        "TargetGroupAttributes:l TargetType:s! Targets:l UnhealthyThresholdCount:i VpcId:s!",
        "LoadBalancerArns TargetGroupArn TargetGroupFullName TargetGroupName"},
    SchemaRow{
        "AWS::IAM::ManagedPolicy",
        "Description:s! Groups:l ManagedPolicyName:s! Path:s! PolicyDocument:j* Roles:l Users:l",
        "PolicyArn PolicyId"},
    SchemaRow{"AWS::IAM::Policy", "Groups:l PolicyDocument:j* PolicyName:s* Roles:l Users:l", "Id"},
    SchemaRow{"AWS::IAM::Role",
              "AssumeRolePolicyDocument:j* Description:s ManagedPolicyArns:l MaxSessionDuration:i "
              "Path:s! PermissionsBoundary:s Policies:l RoleName:s! Tags:l",
              "Arn RoleId"},
    SchemaRow{"AWS::Logs::LogGroup",
              "KmsKeyId:s LogGroupClass:s LogGroupName:s! RetentionInDays:i Tags:l",
              "Arn"},
    SchemaRow{"AWS::Route53::RecordSet",
              "AliasTarget:o CidrRoutingConfig:o Comment:s Failover:s GeoLocation:o "
              "HealthCheckId:s HostedZoneId:s! HostedZoneName:s! MultiValueAnswer:b Name:s*! "
              "Region:s ResourceRecords:l SetIdentifier:s TTL:s Type:s* Weight:i",
              ""},
    SchemaRow{"AWS::SNS::Topic",
              "ContentBasedDeduplication:b DisplayName:s FifoTopic:b! KmsMasterKeyId:s "
              "SignatureVersion:s Subscription:l Tags:l TopicName:s! TracingConfig:s",
              "DisplayName TopicArn TopicName"},
    SchemaRow{"AWS::SSM::Parameter",
              "AllowedPattern:s DataType:s Description:s Name:s! Policies:s Tags:m Tier:s Type:s* "
              "Value:s*",
              "Arn Type Value"},
    SchemaRow{"AWS::SecretsManager::Secret",
              "Description:s GenerateSecretString:o KmsKeyId:s Name:s! SecretString:s Tags:l",
              "Id"},
    SchemaRow{"AWS::ServiceDiscovery::PrivateDnsNamespace",
              "Description:s Name:s*! Properties:o Tags:l Vpc:s*!",
              "Arn HostedZoneId Id"},
    SchemaRow{"AWS::ServiceDiscovery::Service",
              "Description:s DnsConfig:o HealthCheckConfig:o HealthCheckCustomConfig:o! Name:s! "
              "NamespaceId:s! ServiceAttributes:m Tags:l Type:s!",
              "Arn Id Name"},
};

}  // namespace cloudformation
