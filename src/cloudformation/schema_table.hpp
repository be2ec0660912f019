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
        "LaunchType:s~ LoadBalancers:l NetworkConfiguration:o PlacementConstraints:l "
        "PlacementStrategies:l PlatformVersion:s PropagateTags:s Role:s! SchedulingStrategy:s! "
        "ServiceName:s! ServiceRegistries:l Tags:l TaskDefinition:s",
        "Name ServiceArn"},
    SchemaRow{"AWS::ECS::TaskDefinition",
              "ContainerDefinitions:l! Cpu:s! EnableFaultInjection:b! EphemeralStorage:o! "
              "ExecutionRoleArn:s! Family:s! InferenceAccelerators:l! IpcMode:s! Memory:s! "
              "NetworkMode:s! PidMode:s! PlacementConstraints:l! ProxyConfiguration:o! "
              "RequiresCompatibilities:l! RuntimePlatform:o! Tags:l TaskRoleArn:s! Volumes:l!",
              "TaskDefinitionArn"},
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
