#include "awsapi/acm.hpp"
#include "local/providers/api_call.hpp"

namespace local {
namespace {

// Certificates and names: what a listener on HTTPS needs around it.

Progress create_certificate(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = awsapi::acm::RequestCertificateRequest::operation();
  // Validation names a hosted zone where the API names a domain; there is nobody to ask either way.
  doc::Node properties = request.properties;
  properties.as_mapping()->erase("DomainValidationOptions");
  doc::Node input = to_request(properties, *operation.input);
  input.as_mapping()->set("Tags", tag_list(request, "Key", "Value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"CertificateArn"});
  out.attributes = attributes({{"CertificateArn", out.physical_id}, {"Id", out.physical_id}});
  return out;
}

Progress remove_certificate(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = awsapi::acm::DeleteCertificateRequest::operation();
  auto response =
      call_api(p, operation, doc::map({{"CertificateArn", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "ResourceNotFoundException") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

// No name server is fed: names below .localhost need none, and others are not this machine's to
// give. The record is what the stack remembers of it.
Progress create_record_set(const Providing& /*p*/, const ResourceRequest& request) {
  const doc::Node* zone = request.properties.find("HostedZoneId");
  const doc::Node* zone_name = request.properties.find("HostedZoneName");
  if ((zone == nullptr) == (zone_name == nullptr)) {
    return handler_failure(request,
                           "Exactly one of HostedZoneId and HostedZoneName must be specified",
                           "InvalidRequest");
  }
  Progress out;
  out.physical_id = text_property(request.properties, "Name");
  if (out.physical_id.ends_with('.')) {
    out.physical_id.pop_back();
  }
  return out;
}

constexpr Provider kCertificates[] = {
    {.type = "AWS::CertificateManager::Certificate",
     .create = create_certificate,
     .remove = remove_certificate},
    {.type = "AWS::Route53::RecordSet", .create = create_record_set},
};

}  // namespace

std::span<const Provider> certificate_providers() {
  return kCertificates;
}

}  // namespace local
