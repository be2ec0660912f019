#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "awsapi/ec2.hpp"
#include "local/action_table.hpp"
#include "local/actions/ec2_rules.hpp"
#include "local/context.hpp"

namespace local {

// EC2 as far as tasks and load balancers need it: the default VPC of a fresh account
// (172.31.0.0/16, a /20 subnet in each of three zones, internet gateway, main route table, default
// security group), and security groups. Network interfaces belong to those who use them (tasks,
// load balancers) and are only shown here.
class Ec2 {
 public:
  // The interfaces that exist right now. Called on the control thread.
  using InterfaceSource = std::function<std::vector<awsapi::ec2::NetworkInterface>()>;

  explicit Ec2(Context& context) : context_(context) {}

  void add_actions(ActionTable& actions);
  void restore();

  void add_interfaces(InterfaceSource source) { interfaces_.push_back(std::move(source)); }

  // What the API of the engine does not offer but templates can say: rules of a group that go out.
  // The default rule (everything) goes away with the first one, as CloudFormation has it.
  util::Result<void, ApiError> set_egress(
      const std::string& group_id,
      const std::vector<awsapi::ec2::IpPermission>& permissions);

 private:
  struct Group {
    awsapi::ec2::SecurityGroup described;  // without permissions
    std::vector<ec2::Rule> rules;          // both directions
  };
  template <class T>
  using Answer = util::Result<T, ApiError>;

  void make_default_network();
  void restore_network(const doc::Node& body);
  [[nodiscard]] doc::Node network_node() const;
  Group& new_group(const std::string& name, const std::string& description, const std::string& vpc);
  void save(const Group& group);
  [[nodiscard]] awsapi::ec2::SecurityGroup shown(const Group& group) const;
  [[nodiscard]] std::vector<awsapi::ec2::NetworkInterface> all_interfaces() const;
  void add_describe_actions(ActionTable& actions);
  void add_network_actions(ActionTable& actions);

  Answer<awsapi::ec2::CreateSecurityGroupResponse> create(
      const awsapi::ec2::CreateSecurityGroupRequest& request);
  Answer<awsapi::ec2::DeleteSecurityGroupResponse> remove(
      const awsapi::ec2::DeleteSecurityGroupRequest& request);
  Answer<awsapi::ec2::AuthorizeSecurityGroupIngressResponse> authorize(
      const awsapi::ec2::AuthorizeSecurityGroupIngressRequest& request);
  Answer<awsapi::ec2::RevokeSecurityGroupIngressResponse> revoke(
      const awsapi::ec2::RevokeSecurityGroupIngressRequest& request);
  Answer<awsapi::ec2::DescribeSecurityGroupsResponse> describe_groups(
      const awsapi::ec2::DescribeSecurityGroupsRequest& request);
  Answer<awsapi::ec2::DescribeVpcAttributeResponse> vpc_attribute(
      const awsapi::ec2::DescribeVpcAttributeRequest& request);

  // By id, or by name in the default VPC.
  Answer<Group*> find_group(const std::optional<std::string>& id,
                            const std::optional<std::string>& name);
  // Rules of the request's permissions with every named group looked up; not yet part of the group.
  Answer<std::vector<ec2::Rule>> resolve_rules(const Group& group,
                                               std::vector<awsapi::ec2::IpPermission> permissions,
                                               bool egress);
  [[nodiscard]] bool is_used(const Group& group) const;

  Context& context_;
  std::vector<InterfaceSource> interfaces_;
  awsapi::ec2::Vpc vpc_;
  std::vector<awsapi::ec2::Subnet> subnets_;
  awsapi::ec2::RouteTable routes_;
  awsapi::ec2::InternetGateway gateway_;
  std::map<std::string, Group> groups_;  // by id
};

}  // namespace local
