#include <chrono>

#include "awsapi/servicediscovery.hpp"
#include "local/providers/api_call.hpp"

namespace local {
namespace {

namespace map_api = awsapi::servicediscovery;
using namespace std::chrono_literals;

constexpr auto kUseLimit = 60s;  // how long names may stay registered while services drain

// Cloud Map's changes are operations that are asked for until they have ended.
Progress operation_pending(const std::string& operation_id) {
  Progress out;
  out.state = Progress::State::pending;
  out.memo = doc::map({{"operation", doc::Node{operation_id}}});
  return out;
}

struct OperationState {
  std::string status;
  std::string error;
  std::string namespace_id;
};

util::Result<OperationState, ApiError> operation_state(const Providing& p, const doc::Node& memo) {
  auto response =
      call_api(p,
               map_api::GetOperationRequest::operation(),
               doc::map({{"OperationId", doc::Node{text_property(memo, "operation")}}}));
  if (!response) {
    return util::unexpected(std::move(response.error()));
  }
  return OperationState{text_at(*response, {"Operation", "Status"}),
                        text_at(*response, {"Operation", "ErrorMessage"}),
                        text_at(*response, {"Operation", "Targets", "NAMESPACE"})};
}

Progress created_namespace(const Providing& p, const ResourceRequest& request) {
  auto state = operation_state(p, request.memo);
  if (!state) {
    return handler_failure(request, map_api::GetOperationRequest::operation(), state.error());
  }
  if (state->status == "FAIL") {
    return handler_failure(request, state->error, "GeneralServiceException");
  }
  if (state->status != "SUCCESS") {
    Progress out;
    out.state = Progress::State::pending;
    out.memo = request.memo;
    return out;
  }
  Progress out;
  out.physical_id = state->namespace_id;
  const awsapi::Operation& get = map_api::GetNamespaceRequest::operation();
  auto found = call_api(p, get, doc::map({{"Id", doc::Node{out.physical_id}}}));
  if (!found) {
    return handler_failure(request, get, found.error());
  }
  out.attributes =
      attributes({{"Id", out.physical_id},
                  {"Arn", text_at(*found, {"Namespace", "Arn"})},
                  {"HostedZoneId",
                   text_at(*found, {"Namespace", "Properties", "DnsProperties", "HostedZoneId"})}});
  return out;
}

Progress create_namespace(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = map_api::CreatePrivateDnsNamespaceRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  input.as_mapping()->set("CreatorRequestId", doc::Node{request.token});
  input.as_mapping()->set("Tags", tag_list(request, "Key", "Value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  ResourceRequest begun = request;
  Progress out = operation_pending(text_at(*response, {"OperationId"}));
  begun.memo = out.memo;
  return created_namespace(p, begun);
}

Progress removed_namespace(const Providing& p, const ResourceRequest& request) {
  auto state = operation_state(p, request.memo);
  if (!state) {
    return {};
  }
  if (state->status == "FAIL") {
    return handler_failure(request, state->error, "GeneralServiceException");
  }
  return state->status == "SUCCESS" ? Progress{}
                                    : operation_pending(text_property(request.memo, "operation"));
}

Progress remove_namespace(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = map_api::DeleteNamespaceRequest::operation();
  auto response = call_api(p, operation, doc::map({{"Id", doc::Node{request.physical_id}}}));
  if (!response) {
    return response.error().code == "NamespaceNotFound"
               ? Progress{}
               : handler_failure(request, operation, response.error());
  }
  ResourceRequest begun = request;
  begun.memo = operation_pending(text_at(*response, {"OperationId"})).memo;
  return removed_namespace(p, begun);
}

Progress create_entry(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = map_api::CreateServiceRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  doc::Mapping& map = *input.as_mapping();
  if (map.find("Name") == nullptr) {
    map.set("Name", doc::Node{physical_name(p, request, 63)});
  }
  map.set("CreatorRequestId", doc::Node{request.token});
  map.set("Tags", tag_list(request, "Key", "Value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"Service", "Id"});
  out.attributes = attributes({{"Id", out.physical_id},
                               {"Arn", text_at(*response, {"Service", "Arn"})},
                               {"Name", text_at(*response, {"Service", "Name"})}});
  return out;
}

Progress remove_entry(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = map_api::DeleteServiceRequest::operation();
  auto response = call_api(p, operation, doc::map({{"Id", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "ServiceNotFound") {
    return {};
  }
  if (response.error().code == "ResourceInUse" && p.context.now() - request.started < kUseLimit) {
    Progress out;
    out.state = Progress::State::pending;
    return out;
  }
  return handler_failure(request, operation, response.error());
}

constexpr Provider kDiscovery[] = {
    {.type = "AWS::ServiceDiscovery::PrivateDnsNamespace",
     .create = create_namespace,
     .remove = remove_namespace,
     .created = created_namespace,
     .removed = removed_namespace},
    {.type = "AWS::ServiceDiscovery::Service",
     .create = create_entry,
     .remove = remove_entry,
     .removed = remove_entry},
};

}  // namespace

std::span<const Provider> discovery_providers() {
  return kDiscovery;
}

}  // namespace local
