#pragma once

#include <map>
#include <string>
#include <string_view>

#include "awsapi/servicediscovery.hpp"
#include "local/action_table.hpp"
#include "local/context.hpp"
#include "local/scheduler/instance_registry.hpp"

namespace local {

// AWS Cloud Map: private DNS namespaces, their services, and the instances that ECS registers. The
// names resolve through Docker's own DNS: the scheduler makes them network aliases of the
// containers.
class ServiceDiscovery final : public ecs::InstanceRegistry {
 public:
  explicit ServiceDiscovery(Context& context) : context_(context) {}

  void add_actions(ActionTable& table);
  void restore();

  std::optional<Names> names_of(std::string_view registry_arn) const override;
  void register_instance(std::string_view registry_arn,
                         const std::string& instance,
                         ecs::InstanceAttributes attributes) override;
  void deregister_instance(std::string_view registry_arn, const std::string& instance) override;

 private:
  struct NamespaceRecord {
    awsapi::servicediscovery::Namespace wire;
    std::vector<awsapi::servicediscovery::Tag> tags;
  };

  struct ServiceRecord {
    awsapi::servicediscovery::Service wire;
    std::vector<awsapi::servicediscovery::Tag> tags;
    std::map<std::string, ecs::InstanceAttributes, std::less<>> instances;
  };
  template <class T>
  using Answer = util::Result<T, ApiError>;

  Answer<awsapi::servicediscovery::CreatePrivateDnsNamespaceResponse> create_namespace(
      const awsapi::servicediscovery::CreatePrivateDnsNamespaceRequest& request);
  Answer<awsapi::servicediscovery::DeleteNamespaceResponse> delete_namespace(
      const awsapi::servicediscovery::DeleteNamespaceRequest& request);
  Answer<awsapi::servicediscovery::ListNamespacesResponse> list_namespaces(
      const awsapi::servicediscovery::ListNamespacesRequest& request);
  Answer<awsapi::servicediscovery::GetNamespaceResponse> get_namespace(
      const awsapi::servicediscovery::GetNamespaceRequest& request);
  Answer<awsapi::servicediscovery::CreateServiceResponse> create_service(
      const awsapi::servicediscovery::CreateServiceRequest& request);
  Answer<awsapi::servicediscovery::DeleteServiceResponse> delete_service(
      const awsapi::servicediscovery::DeleteServiceRequest& request);
  Answer<awsapi::servicediscovery::ListServicesResponse> list_services(
      const awsapi::servicediscovery::ListServicesRequest& request);
  Answer<awsapi::servicediscovery::GetServiceResponse> get_service(
      const awsapi::servicediscovery::GetServiceRequest& request);
  Answer<awsapi::servicediscovery::ListInstancesResponse> list_instances(
      const awsapi::servicediscovery::ListInstancesRequest& request);
  Answer<awsapi::servicediscovery::DiscoverInstancesResponse> discover(
      const awsapi::servicediscovery::DiscoverInstancesRequest& request);
  Answer<awsapi::servicediscovery::GetOperationResponse> get_operation(
      const awsapi::servicediscovery::GetOperationRequest& request);
  Answer<awsapi::servicediscovery::ListTagsForResourceResponse> list_tags(
      const awsapi::servicediscovery::ListTagsForResourceRequest& request);

  std::string finished_operation(std::string_view type,
                                 const std::string& kind,
                                 const std::string& target);
  NamespaceRecord* find_namespace(std::string_view id_or_arn);
  ServiceRecord* find_service(std::string_view id_or_arn);
  [[nodiscard]] const ServiceRecord* find_service(std::string_view id_or_arn) const;
  [[nodiscard]] std::int64_t services_in(std::string_view namespace_id) const;
  void save(const NamespaceRecord& record);
  void save(const ServiceRecord& record);

  Context& context_;
  std::map<std::string, NamespaceRecord, std::less<>> namespaces_;  // by id
  std::map<std::string, ServiceRecord, std::less<>> services_;      // by id
  std::map<std::string, awsapi::servicediscovery::Operation, std::less<>> operations_;
};

}  // namespace local
