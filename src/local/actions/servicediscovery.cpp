#include "local/actions/servicediscovery.hpp"

#include <algorithm>
#include <utility>

#include "local/store.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace cloudmap = awsapi::servicediscovery;
using awsapi::EmptyLists;
using doc::Node;

constexpr std::string_view kNamespaces = "servicediscovery.namespace";
constexpr std::string_view kServices = "servicediscovery.service";
constexpr std::string_view kOperations = "servicediscovery.operation";
constexpr std::size_t kMostOperations = 200;
constexpr std::int64_t kPageSize = 100;
constexpr std::size_t kMostDiscovered = 100;

std::string_view id_of(std::string_view id_or_arn) {
  return id_or_arn.substr(id_or_arn.rfind('/') + 1);
}

ApiError not_found(std::string code, std::string_view what, std::string_view id) {
  return {std::move(code),
          "The specified " + std::string(what) + " '" + std::string(id) + "' wasn't found.",
          404};
}

template <class T>
Node tags_node(const std::vector<T>& tags) {
  doc::Sequence out;
  for (const T& tag : tags) {
    out.items.push_back(tag.to_node(EmptyLists::omit));
  }
  return Node{std::move(out)};
}

std::vector<cloudmap::Tag> tags_in(const Node& body) {
  std::vector<cloudmap::Tag> out;
  for (const Node& tag : body.find("tags")->as_sequence()->items) {
    out.push_back(cloudmap::Tag::from_node(tag));
  }
  return out;
}

// [begin, end) of a page; the token is a position.
template <class T>
std::vector<T> cut_page(const std::vector<T>& items,
                        const std::optional<std::string>& token,
                        const std::optional<std::int64_t>& limit,
                        std::optional<std::string>& next) {
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t begin =
      std::clamp<std::int64_t>(token ? util::parse_int(*token).value_or(0) : 0, 0, size);
  const std::int64_t end = std::min(size, begin + limit.value_or(kPageSize));
  if (end < size) {
    next = std::to_string(end);
  }
  return {items.begin() + begin, items.begin() + end};
}

bool matches(const std::vector<std::string>& values,
             const std::optional<std::string>& condition,
             std::string_view value) {
  return std::any_of(values.begin(), values.end(), [&](const std::string& v) {
    return condition == "BEGINS_WITH" ? value.starts_with(v) : value == v;
  });
}

}  // namespace

void ServiceDiscovery::restore() {
  Store& store = context_.store;
  store.each(kNamespaces, [&](const std::string& id, const Node& body) {
    namespaces_[id] = {cloudmap::Namespace::from_node(*body.find("wire")), tags_in(body)};
  });
  store.each(kServices, [&](const std::string& id, const Node& body) {
    ServiceRecord& service = services_[id];
    service.wire = cloudmap::Service::from_node(*body.find("wire"));
    service.tags = tags_in(body);
    for (const doc::Entry& instance : body.find("instances")->as_mapping()->entries) {
      for (const doc::Entry& attribute : instance.value.as_mapping()->entries) {
        service.instances[instance.key.value][attribute.key.value] = *attribute.value.as_string();
      }
    }
  });
  store.each(kOperations, [&](const std::string& id, const Node& body) {
    operations_[id] = cloudmap::Operation::from_node(body);
  });
}

void ServiceDiscovery::save(const NamespaceRecord& record) {
  context_.store.put(kNamespaces,
                     *record.wire.id,
                     doc::map({{"wire", record.wire.to_node(EmptyLists::omit)},
                               {"tags", tags_node(record.tags)}}));
}

void ServiceDiscovery::save(const ServiceRecord& record) {
  doc::Mapping instances;
  for (const auto& [id, attributes] : record.instances) {
    doc::Mapping entry;
    for (const auto& [name, value] : attributes) {
      entry.set(name, Node{value});
    }
    instances.set(id, Node{std::move(entry)});
  }
  context_.store.put(kServices,
                     *record.wire.id,
                     doc::map({{"wire", record.wire.to_node(EmptyLists::omit)},
                               {"tags", tags_node(record.tags)},
                               {"instances", Node{std::move(instances)}}}));
}

ServiceDiscovery::NamespaceRecord* ServiceDiscovery::find_namespace(std::string_view id_or_arn) {
  const auto at = namespaces_.find(id_of(id_or_arn));
  return at == namespaces_.end() ? nullptr : &at->second;
}

ServiceDiscovery::ServiceRecord* ServiceDiscovery::find_service(std::string_view id_or_arn) {
  const auto at = services_.find(id_of(id_or_arn));
  return at == services_.end() ? nullptr : &at->second;
}

const ServiceDiscovery::ServiceRecord* ServiceDiscovery::find_service(
    std::string_view id_or_arn) const {
  const auto at = services_.find(id_of(id_or_arn));
  return at == services_.end() ? nullptr : &at->second;
}

std::int64_t ServiceDiscovery::services_in(std::string_view namespace_id) const {
  return std::count_if(services_.begin(), services_.end(), [&](const auto& s) {
    return s.second.wire.namespace_id == namespace_id;
  });
}

// Cloud Map answers with an operation that ends later. Nothing takes time here, so it has ended
// when it is asked about.
std::string ServiceDiscovery::finished_operation(std::string_view type,
                                                 const std::string& kind,
                                                 const std::string& target) {
  cloudmap::Operation operation;
  operation.id =
      util::to_lower(context_.ids.alnum(32)) + "-" + util::to_lower(context_.ids.alnum(8));
  operation.owner_account = context_.account;
  operation.type = std::string(type);
  operation.status = "SUCCESS";
  operation.create_date = awsapi::Timestamp{context_.now().time_since_epoch().count()};
  operation.update_date = operation.create_date;
  operation.targets[kind] = target;
  const std::string id = *operation.id;
  context_.store.put(kOperations, id, operation.to_node(EmptyLists::omit));
  operations_[id] = std::move(operation);
  if (operations_.size() > kMostOperations) {
    const auto oldest =
        std::min_element(operations_.begin(), operations_.end(), [](const auto& a, const auto& b) {
          return a.second.create_date < b.second.create_date;
        });
    context_.store.remove(kOperations, oldest->first);
    operations_.erase(oldest);
  }
  return id;
}

ServiceDiscovery::Answer<cloudmap::CreatePrivateDnsNamespaceResponse>
ServiceDiscovery::create_namespace(const cloudmap::CreatePrivateDnsNamespaceRequest& request) {
  for (const auto& [id, existing] : namespaces_) {
    if (existing.wire.name == request.name) {
      return util::unexpected(
          ApiError{"NamespaceAlreadyExists",
                   "A namespace with the name '" + request.name + "' exists already: " + id + ".",
                   400});
    }
  }
  NamespaceRecord record;
  record.tags = request.tags;
  record.wire.id = "ns-" + util::to_lower(context_.ids.alnum(16));
  record.wire.arn = context_.arn("servicediscovery", "namespace/" + *record.wire.id);
  record.wire.resource_owner = context_.account;
  record.wire.name = request.name;
  record.wire.type = "DNS_PRIVATE";
  record.wire.description = request.description;
  record.wire.creator_request_id = request.creator_request_id.value_or(context_.ids.uuid());
  record.wire.create_date = awsapi::Timestamp{context_.now().time_since_epoch().count()};
  record.wire.properties = cloudmap::NamespaceProperties{};
  record.wire.properties->dns_properties = cloudmap::DnsProperties{};
  record.wire.properties->dns_properties->hosted_zone_id = "Z" + context_.ids.alnum(20);
  record.wire.properties->http_properties = cloudmap::HttpProperties{request.name};
  const std::string id = *record.wire.id;
  save(record);
  namespaces_[id] = std::move(record);
  cloudmap::CreatePrivateDnsNamespaceResponse response;
  response.operation_id = finished_operation("CREATE_NAMESPACE", "NAMESPACE", id);
  return response;
}

ServiceDiscovery::Answer<cloudmap::DeleteNamespaceResponse> ServiceDiscovery::delete_namespace(
    const cloudmap::DeleteNamespaceRequest& request) {
  const NamespaceRecord* record = find_namespace(request.id);
  if (record == nullptr) {
    return util::unexpected(not_found("NamespaceNotFound", "namespace", request.id));
  }
  const std::string id = *record->wire.id;
  if (services_in(id) > 0) {
    return util::unexpected(
        ApiError{"ResourceInUse",
                 "The namespace '" + id + "' can't be deleted while it contains services.",
                 400});
  }
  context_.store.remove(kNamespaces, id);
  namespaces_.erase(id);
  cloudmap::DeleteNamespaceResponse response;
  response.operation_id = finished_operation("DELETE_NAMESPACE", "NAMESPACE", id);
  return response;
}

ServiceDiscovery::Answer<cloudmap::ListNamespacesResponse> ServiceDiscovery::list_namespaces(
    const cloudmap::ListNamespacesRequest& request) {
  std::vector<cloudmap::NamespaceSummary> found;
  for (const auto& [id, record] : namespaces_) {
    const cloudmap::Namespace& wire = record.wire;
    const bool wanted =
        std::all_of(request.filters.begin(), request.filters.end(), [&](const auto& f) {
          if (f.name == "TYPE") {
            return matches(f.values, f.condition, wire.type.value_or(""));
          }
          return f.name == "RESOURCE_OWNER" ||
                 matches(f.values, f.condition, wire.name.value_or(""));
        });
    if (wanted) {
      cloudmap::NamespaceSummary summary =
          cloudmap::NamespaceSummary::from_node(wire.to_node(EmptyLists::omit));
      summary.service_count = services_in(id);
      found.push_back(std::move(summary));
    }
  }
  cloudmap::ListNamespacesResponse response;
  response.namespaces =
      cut_page(found, request.next_token, request.max_results, response.next_token);
  return response;
}

ServiceDiscovery::Answer<cloudmap::GetNamespaceResponse> ServiceDiscovery::get_namespace(
    const cloudmap::GetNamespaceRequest& request) {
  const NamespaceRecord* record = find_namespace(request.id);
  if (record == nullptr) {
    return util::unexpected(not_found("NamespaceNotFound", "namespace", request.id));
  }
  cloudmap::GetNamespaceResponse response;
  response.namespace_ = record->wire;
  response.namespace_->service_count = services_in(*record->wire.id);
  return response;
}

ServiceDiscovery::Answer<cloudmap::CreateServiceResponse> ServiceDiscovery::create_service(
    const cloudmap::CreateServiceRequest& request) {
  const std::optional<std::string> namespace_id = request.namespace_id ? request.namespace_id
                                                  : request.dns_config
                                                      ? request.dns_config->namespace_id
                                                      : std::nullopt;
  const NamespaceRecord* home = namespace_id ? find_namespace(*namespace_id) : nullptr;
  if (home == nullptr) {
    return util::unexpected(not_found("NamespaceNotFound", "namespace", namespace_id.value_or("")));
  }
  for (const auto& [id, existing] : services_) {
    if (existing.wire.namespace_id == home->wire.id && existing.wire.name == request.name) {
      return util::unexpected(ApiError{"ServiceAlreadyExists", "Service already exists.", 400});
    }
  }
  ServiceRecord record;
  record.tags = request.tags;
  record.wire.id = "srv-" + util::to_lower(context_.ids.alnum(16));
  record.wire.arn = context_.arn("servicediscovery", "service/" + *record.wire.id);
  record.wire.resource_owner = context_.account;
  record.wire.created_by_account = context_.account;
  record.wire.name = request.name;
  record.wire.namespace_id = home->wire.id;
  record.wire.description = request.description;
  record.wire.dns_config = request.dns_config;
  if (record.wire.dns_config) {
    record.wire.dns_config->namespace_id = home->wire.id;
    record.wire.dns_config->routing_policy =
        record.wire.dns_config->routing_policy.value_or("MULTIVALUE");
  }
  record.wire.type = request.dns_config ? "DNS_HTTP" : "HTTP";
  record.wire.health_check_config = request.health_check_config;
  record.wire.health_check_custom_config = request.health_check_custom_config;
  record.wire.creator_request_id = request.creator_request_id.value_or(context_.ids.uuid());
  record.wire.create_date = awsapi::Timestamp{context_.now().time_since_epoch().count()};
  save(record);
  cloudmap::CreateServiceResponse response;
  response.service = record.wire;
  services_[*record.wire.id] = std::move(record);
  return response;
}

ServiceDiscovery::Answer<cloudmap::DeleteServiceResponse> ServiceDiscovery::delete_service(
    const cloudmap::DeleteServiceRequest& request) {
  const ServiceRecord* record = find_service(request.id);
  if (record == nullptr) {
    return util::unexpected(not_found("ServiceNotFound", "service", request.id));
  }
  const std::string id = *record->wire.id;
  if (!record->instances.empty()) {
    return util::unexpected(
        ApiError{"ResourceInUse", "Service contains registered instances.", 400});
  }
  context_.store.remove(kServices, id);
  services_.erase(id);
  return cloudmap::DeleteServiceResponse{};
}

ServiceDiscovery::Answer<cloudmap::ListServicesResponse> ServiceDiscovery::list_services(
    const cloudmap::ListServicesRequest& request) {
  std::vector<cloudmap::ServiceSummary> found;
  for (const auto& [id, record] : services_) {
    const bool wanted =
        std::all_of(request.filters.begin(), request.filters.end(), [&](const auto& f) {
          return f.name != "NAMESPACE_ID" ||
                 std::any_of(f.values.begin(), f.values.end(), [&](const std::string& v) {
                   return id_of(v) == record.wire.namespace_id;
                 });
        });
    if (wanted) {
      found.push_back(cloudmap::ServiceSummary::from_node(record.wire.to_node(EmptyLists::omit)));
      found.back().instance_count = static_cast<std::int64_t>(record.instances.size());
    }
  }
  cloudmap::ListServicesResponse response;
  response.services = cut_page(found, request.next_token, request.max_results, response.next_token);
  return response;
}

ServiceDiscovery::Answer<cloudmap::GetServiceResponse> ServiceDiscovery::get_service(
    const cloudmap::GetServiceRequest& request) {
  const ServiceRecord* record = find_service(request.id);
  if (record == nullptr) {
    return util::unexpected(not_found("ServiceNotFound", "service", request.id));
  }
  cloudmap::GetServiceResponse response;
  response.service = record->wire;
  response.service->instance_count = static_cast<std::int64_t>(record->instances.size());
  return response;
}

ServiceDiscovery::Answer<cloudmap::ListInstancesResponse> ServiceDiscovery::list_instances(
    const cloudmap::ListInstancesRequest& request) {
  const ServiceRecord* record = find_service(request.service_id);
  if (record == nullptr) {
    return util::unexpected(not_found("ServiceNotFound", "service", request.service_id));
  }
  std::vector<cloudmap::InstanceSummary> found;
  for (const auto& [id, attributes] : record->instances) {
    cloudmap::InstanceSummary summary;
    summary.id = id;
    summary.attributes = attributes;
    summary.created_by_account = context_.account;
    found.push_back(std::move(summary));
  }
  cloudmap::ListInstancesResponse response;
  response.resource_owner = context_.account;
  response.instances =
      cut_page(found, request.next_token, request.max_results, response.next_token);
  return response;
}

ServiceDiscovery::Answer<cloudmap::DiscoverInstancesResponse> ServiceDiscovery::discover(
    const cloudmap::DiscoverInstancesRequest& request) {
  const auto home = std::find_if(namespaces_.begin(), namespaces_.end(), [&](const auto& n) {
    return n.second.wire.name == request.namespace_name;
  });
  if (home == namespaces_.end()) {
    return util::unexpected(not_found("NamespaceNotFound", "namespace", request.namespace_name));
  }
  const auto service = std::find_if(services_.begin(), services_.end(), [&](const auto& s) {
    return s.second.wire.namespace_id == home->first && s.second.wire.name == request.service_name;
  });
  if (service == services_.end()) {
    return util::unexpected(not_found("ServiceNotFound", "service", request.service_name));
  }
  cloudmap::DiscoverInstancesResponse response;
  response.instances_revision = 1;
  const auto most = static_cast<std::size_t>(request.max_results.value_or(kMostDiscovered));
  for (const auto& [id, attributes] : service->second.instances) {
    const bool wanted =
        std::all_of(request.query_parameters.begin(),
                    request.query_parameters.end(),
                    [&](const auto& parameter) {
                      const auto at = attributes.find(parameter.first);
                      return at != attributes.end() && at->second == parameter.second;
                    });
    if (wanted && request.health_status != "UNHEALTHY" && response.instances.size() < most) {
      cloudmap::HttpInstanceSummary summary;
      summary.instance_id = id;
      summary.namespace_name = request.namespace_name;
      summary.service_name = request.service_name;
      summary.health_status = "HEALTHY";
      summary.attributes = attributes;
      response.instances.push_back(std::move(summary));
    }
  }
  return response;
}

ServiceDiscovery::Answer<cloudmap::GetOperationResponse> ServiceDiscovery::get_operation(
    const cloudmap::GetOperationRequest& request) {
  const auto at = operations_.find(request.operation_id);
  if (at == operations_.end()) {
    return util::unexpected(not_found("OperationNotFound", "operation", request.operation_id));
  }
  cloudmap::GetOperationResponse response;
  response.operation = at->second;
  return response;
}

ServiceDiscovery::Answer<cloudmap::ListTagsForResourceResponse> ServiceDiscovery::list_tags(
    const cloudmap::ListTagsForResourceRequest& request) {
  cloudmap::ListTagsForResourceResponse response;
  if (const NamespaceRecord* record = find_namespace(request.resource_arn)) {
    response.tags = record->tags;
  } else if (const ServiceRecord* service = find_service(request.resource_arn)) {
    response.tags = service->tags;
  } else {
    return util::unexpected(
        not_found("ResourceNotFoundException", "resource", request.resource_arn));
  }
  return response;
}

std::optional<ecs::InstanceRegistry::Names> ServiceDiscovery::names_of(
    std::string_view registry_arn) const {
  const ServiceRecord* service = find_service(registry_arn);
  if (service == nullptr) {
    return std::nullopt;
  }
  const auto home = namespaces_.find(service->wire.namespace_id.value_or(""));
  if (home == namespaces_.end()) {
    return std::nullopt;
  }
  return Names{service->wire.name.value_or(""), home->second.wire.name.value_or("")};
}

void ServiceDiscovery::register_instance(std::string_view registry_arn,
                                         const std::string& instance,
                                         ecs::InstanceAttributes attributes) {
  if (ServiceRecord* service = find_service(registry_arn)) {
    service->instances[instance] = std::move(attributes);
    save(*service);
  }
}

void ServiceDiscovery::deregister_instance(std::string_view registry_arn,
                                           const std::string& instance) {
  ServiceRecord* service = find_service(registry_arn);
  if (service != nullptr && service->instances.erase(instance) > 0) {
    save(*service);
  }
}

void ServiceDiscovery::add_actions(ActionTable& table) {
  table.add<cloudmap::CreatePrivateDnsNamespaceRequest>(
      [this](const auto& r) { return create_namespace(r); });
  table.add<cloudmap::DeleteNamespaceRequest>(
      [this](const auto& r) { return delete_namespace(r); });
  table.add<cloudmap::ListNamespacesRequest>([this](const auto& r) { return list_namespaces(r); });
  table.add<cloudmap::GetNamespaceRequest>([this](const auto& r) { return get_namespace(r); });
  table.add<cloudmap::CreateServiceRequest>([this](const auto& r) { return create_service(r); });
  table.add<cloudmap::DeleteServiceRequest>([this](const auto& r) { return delete_service(r); });
  table.add<cloudmap::ListServicesRequest>([this](const auto& r) { return list_services(r); });
  table.add<cloudmap::GetServiceRequest>([this](const auto& r) { return get_service(r); });
  table.add<cloudmap::ListInstancesRequest>([this](const auto& r) { return list_instances(r); });
  table.add<cloudmap::DiscoverInstancesRequest>([this](const auto& r) { return discover(r); });
  table.add<cloudmap::GetOperationRequest>([this](const auto& r) { return get_operation(r); });
  table.add<cloudmap::ListTagsForResourceRequest>([this](const auto& r) { return list_tags(r); });
}

}  // namespace local
