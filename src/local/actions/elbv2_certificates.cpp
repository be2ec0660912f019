#include <algorithm>
#include <set>

#include "local/actions/elbv2.hpp"

namespace local::elbv2 {

namespace {

constexpr std::size_t kCertificatesOfBalancer = 25;  // without the default ones

// Of AWS Certificate Manager, in an account that this engine is not.
bool is_elsewhere(const std::string& arn, const std::string& account) {
  return arn.starts_with("arn:") && arn.find(":acm:") != std::string::npos &&
         arn.find(":" + account + ":certificate/") == std::string::npos &&
         arn.find(":certificate/") != std::string::npos;
}

std::vector<std::string> hosts_named_by(const std::vector<wire::Rule>& rules) {
  std::set<std::string> names;
  for (const wire::Rule& rule : rules) {
    for (const wire::RuleCondition& condition : rule.conditions) {
      if (condition.field == "host-header" && condition.host_header_config) {
        names.insert(condition.host_header_config->values.begin(),
                     condition.host_header_config->values.end());
      }
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace

std::optional<ApiError> Elbv2::check_certificates(const std::vector<wire::Certificate>& wanted) {
  for (const wire::Certificate& certificate : wanted) {
    const std::string arn = certificate.certificate_arn.value_or("");
    if (!is_elsewhere(arn, context_.account) && certificates_.key_pair(arn) == nullptr) {
      return ApiError{"CertificateNotFound", "Certificate '" + arn + "' not found", 400};
    }
  }
  return std::nullopt;
}

std::vector<std::shared_ptr<const balancer::KeyPair>> Elbv2::key_pairs_of(const Listener& record) {
  std::vector<std::shared_ptr<const balancer::KeyPair>> pairs;
  const auto add_one = [&](const std::string& arn) {
    auto pair = is_elsewhere(arn, context_.account)
                    ? certificates_.stand_in(hosts_named_by(record.rules))
                    : certificates_.key_pair(arn);
    if (pair != nullptr) {
      pairs.push_back(std::move(pair));
    }
  };
  for (const wire::Certificate& certificate : record.shape.certificates) {
    add_one(certificate.certificate_arn.value_or(""));
  }
  for (const std::string& arn : record.certificates) {
    add_one(arn);
  }
  return pairs;
}

std::vector<std::string> Elbv2::users_of_certificate(const std::string& certificate) const {
  std::vector<std::string> users;
  for (const auto& [arn, record] : listeners_) {
    const bool is_default = std::ranges::any_of(
        record.shape.certificates,
        [&](const wire::Certificate& one) { return one.certificate_arn == certificate; });
    if (is_default ||
        std::ranges::find(record.certificates, certificate) != record.certificates.end()) {
      users.push_back(record.load_balancer());
    }
  }
  return users;
}

util::Result<wire::AddListenerCertificatesResponse, ApiError> Elbv2::add_certificates(
    const wire::AddListenerCertificatesRequest& request) {
  const auto found = listener(request.listener_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  Listener& record = **found;
  if (record.shape.certificates.empty()) {
    return util::unexpected(ApiError{"OperationNotPermitted",
                                     "Certificates cannot be added to a listener of protocol '" +
                                         record.shape.protocol.value_or("") + "'",
                                     400});
  }
  if (auto problem = check_certificates(request.certificates)) {
    return util::unexpected(*problem);
  }
  wire::AddListenerCertificatesResponse response;
  std::vector<std::string> all = record.certificates;
  for (const wire::Certificate& certificate : request.certificates) {
    const std::string arn = certificate.certificate_arn.value_or("");
    if (std::ranges::find(all, arn) == all.end()) {
      all.push_back(arn);
    }
    response.certificates.push_back({arn, false});
  }
  if (all.size() > kCertificatesOfBalancer) {
    return util::unexpected(ApiError{"TooManyCertificates",
                                     "The maximum number of certificates on a load balancer is "
                                     "'25', without the default ones",
                                     400});
  }
  record.certificates = std::move(all);
  save(record);
  apply();
  return response;
}

util::Result<wire::RemoveListenerCertificatesResponse, ApiError> Elbv2::remove_certificates(
    const wire::RemoveListenerCertificatesRequest& request) {
  const auto found = listener(request.listener_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  Listener& record = **found;
  for (const wire::Certificate& certificate : request.certificates) {
    const auto& defaults = record.shape.certificates;
    if (!defaults.empty() && defaults.front().certificate_arn == certificate.certificate_arn) {
      return util::unexpected(ApiError{"OperationNotPermitted",
                                       "Default certificate '" +
                                           certificate.certificate_arn.value_or("") +
                                           "' cannot be removed",
                                       400});
    }
  }
  for (const wire::Certificate& certificate : request.certificates) {
    std::erase(record.certificates, certificate.certificate_arn.value_or(""));
  }
  save(record);
  apply();
  return wire::RemoveListenerCertificatesResponse{};
}

util::Result<wire::DescribeListenerCertificatesResponse, ApiError> Elbv2::describe(
    const wire::DescribeListenerCertificatesRequest& request) {
  const auto found = listener(request.listener_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  std::vector<wire::Certificate> all;
  for (const wire::Certificate& certificate : (*found)->shape.certificates) {
    all.push_back({certificate.certificate_arn, true});
  }
  for (const std::string& arn : (*found)->certificates) {
    all.push_back({arn, false});
  }
  wire::DescribeListenerCertificatesResponse response;
  response.certificates =
      page(std::move(all), request.marker, request.page_size, response.next_marker);
  return response;
}

void Elbv2::add_certificate_actions(ActionTable& table) {
  add<wire::AddListenerCertificatesRequest>(table, &Elbv2::add_certificates);
  add<wire::RemoveListenerCertificatesRequest>(table, &Elbv2::remove_certificates);
  add<wire::DescribeListenerCertificatesRequest>(table, &Elbv2::describe);
}

}  // namespace local::elbv2
