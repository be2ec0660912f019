#include "local/actions/acm.hpp"

#include <algorithm>
#include <utility>

#include "local/actions/paging.hpp"
#include "local/store.hpp"
#include "util/hash.hpp"

namespace local {

namespace acm = awsapi::acm;
using awsapi::EmptyLists;

namespace {

constexpr std::string_view kCertificateKind = "acm.certificate";
constexpr std::chrono::hours kRenewBefore{24 * 30};

Authority::Time wall_time(const Context& context) {
  return Authority::Time(
      std::chrono::duration_cast<Authority::Time::duration>(context.now().time_since_epoch()));
}

awsapi::Timestamp stamp_of(Authority::Time time) {
  return awsapi::Timestamp{
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count()};
}

std::vector<std::string> names_of(const acm::CertificateDetail& detail) {
  return detail.subject_alternative_names;
}

// Nobody asks for these records here; AWS's own would have this look.
acm::DomainValidation validation_of(const std::string& domain,
                                    const std::string& method,
                                    const std::string& arn) {
  const std::string bare = domain.starts_with("*.") ? domain.substr(2) : domain;
  acm::DomainValidation validation;
  validation.domain_name = domain;
  validation.validation_domain = bare;
  validation.validation_status = "SUCCESS";
  validation.validation_method = method;
  if (method == "DNS") {
    const std::string digest = util::sha256_hex(arn + bare);
    auto& record = validation.resource_record.emplace();
    record.name = "_" + digest.substr(0, 32) + "." + bare + ".";
    record.type = "CNAME";
    record.value = "_" + digest.substr(32, 32) + ".acm-validations.aws.";
  }
  return validation;
}

void apply_tags(std::vector<acm::Tag>& tags, const std::vector<acm::Tag>& wanted) {
  for (const acm::Tag& tag : wanted) {
    std::erase_if(tags, [&](const acm::Tag& old) { return old.key == tag.key; });
    tags.push_back(tag);
  }
}

}  // namespace

void Acm::add_actions(ActionTable& actions) {
  const auto add = [&]<class Request>(std::type_identity<Request>, auto handler) {
    actions.add<Request>(
        [this, handler](const Request& request) { return (this->*handler)(request); });
  };
  add(std::type_identity<acm::RequestCertificateRequest>(), &Acm::request);
  add(std::type_identity<acm::DescribeCertificateRequest>(), &Acm::describe);
  add(std::type_identity<acm::ListCertificatesRequest>(), &Acm::list);
  add(std::type_identity<acm::GetCertificateRequest>(), &Acm::get);
  add(std::type_identity<acm::DeleteCertificateRequest>(), &Acm::remove);
  add(std::type_identity<acm::AddTagsToCertificateRequest>(), &Acm::add_tags);
  add(std::type_identity<acm::RemoveTagsFromCertificateRequest>(), &Acm::remove_tags);
  add(std::type_identity<acm::ListTagsForCertificateRequest>(), &Acm::list_tags);
}

void Acm::save(const Certificate& certificate) {
  std::vector<doc::Node> tags;
  for (const acm::Tag& tag : certificate.tags) {
    tags.push_back(tag.to_node(EmptyLists::omit));
  }
  context_.store.put(kCertificateKind,
                     certificate.arn(),
                     doc::map({{"Detail", certificate.detail.to_node(EmptyLists::omit)},
                               {"Tags", doc::list(std::move(tags))},
                               {"Token", doc::Node(certificate.token)}}));
}

void Acm::restore() {
  context_.store.each(kCertificateKind, [this](const std::string& arn, const doc::Node& body) {
    Certificate& certificate = certificates_[arn];
    if (const doc::Node* detail = body.find("Detail")) {
      certificate.detail = acm::CertificateDetail::from_node(*detail);
    }
    const doc::Node* tags = body.find("Tags");
    if (tags != nullptr && tags->as_sequence() != nullptr) {
      for (const doc::Node& tag : tags->as_sequence()->items) {
        certificate.tags.push_back(acm::Tag::from_node(tag));
      }
    }
    const doc::Node* token = body.find("Token");
    if (token != nullptr && token->as_string() != nullptr) {
      certificate.token = *token->as_string();
    }
  });
}

util::Result<Acm::Certificate*, ApiError> Acm::find(const std::string& arn) {
  const auto at = certificates_.find(arn);
  if (at == certificates_.end()) {
    return util::unexpected(
        ApiError{"ResourceNotFoundException",
                 "Could not find certificate " + arn + " in account " + context_.account + ".",
                 400});
  }
  return &at->second;
}

// --- issuing
// -------------------------------------------------------------------------------------------------------

util::Result<IssuedCertificate, ApiError> Acm::issue(const std::vector<std::string>& names) {
  const auto authority = authority_.get(wall_time(context_));
  if (!authority) {
    return util::unexpected(ApiError{
        "InternalFailure", "The local authority cannot be kept: " + authority.error(), 500});
  }
  return (*authority)->issue(names, wall_time(context_));
}

void Acm::show_issued(Certificate& certificate, const IssuedCertificate& issued) const {
  certificate.detail.serial = issued.serial;
  certificate.detail.not_before = stamp_of(issued.not_before);
  certificate.detail.not_after = stamp_of(issued.not_after);
  certificate.pair =
      std::make_shared<const balancer::KeyPair>(balancer::KeyPair{issued.certificate, issued.key});
}

std::shared_ptr<const balancer::KeyPair> Acm::key_pair(const std::string& arn) {
  const auto at = certificates_.find(arn);
  if (at == certificates_.end()) {
    return nullptr;
  }
  Certificate& certificate = at->second;
  if (certificate.pair == nullptr) {
    const auto issued = issue(names_of(certificate.detail));
    if (!issued) {
      context_.log("certificate " + arn + ": " + issued.error().message);
      return nullptr;
    }
    show_issued(certificate, *issued);
    renew_when_due(arn);
  }
  return certificate.pair;
}

std::shared_ptr<const balancer::KeyPair> Acm::stand_in(const std::vector<std::string>& names) {
  auto& pair = stand_ins_[names];
  if (pair == nullptr) {
    if (const auto issued = issue(names)) {
      pair = std::make_shared<const balancer::KeyPair>(
          balancer::KeyPair{issued->certificate, issued->key});
    }
  }
  return pair;
}

// An engine may well run longer than a certificate lives.
void Acm::renew_when_due(const std::string& arn) {
  const auto when =
      util::Clock::TimePoint(std::chrono::milliseconds(
          certificates_.at(arn).detail.not_after.value_or(awsapi::Timestamp{}).millis)) -
      kRenewBefore;
  context_.timers.at(when, [this, arn] {
    const auto at = certificates_.find(arn);
    if (at != certificates_.end()) {
      at->second.pair.reset();
      stand_ins_.clear();
      if (renewed_) {
        renewed_();
      }
    }
  });
}

// --- operations
// ----------------------------------------------------------------------------------------------------

util::Result<acm::RequestCertificateResponse, ApiError> Acm::request(
    const acm::RequestCertificateRequest& request) {
  acm::RequestCertificateResponse response;
  if (request.certificate_authority_arn) {
    return util::unexpected(ApiError{
        "InvalidArnException", "The local engine has no private certificate authorities.", 400});
  }
  const std::string token = request.idempotency_token.value_or("");
  for (const auto& [arn, known] : certificates_) {
    if (!token.empty() && known.token == token && known.detail.domain_name == request.domain_name) {
      response.certificate_arn = arn;
      return response;
    }
  }
  Certificate certificate;
  certificate.token = token;
  certificate.tags = request.tags;
  acm::CertificateDetail& detail = certificate.detail;
  detail.certificate_arn = context_.arn("acm", "certificate/" + context_.ids.uuid());
  detail.domain_name = request.domain_name;
  detail.subject_alternative_names = {request.domain_name};
  for (const std::string& name : request.subject_alternative_names) {
    auto& names = detail.subject_alternative_names;
    if (std::ranges::find(names, name) == names.end()) {
      names.push_back(name);
    }
  }
  const std::string method = request.validation_method.value_or("EMAIL");
  for (const std::string& name : detail.subject_alternative_names) {
    detail.domain_validation_options.push_back(validation_of(name, method, certificate.arn()));
  }
  detail.subject = "CN=" + request.domain_name;
  detail.issuer = "docker-ecs local authority";
  detail.created_at = stamp_of(wall_time(context_));
  detail.issued_at = detail.created_at;
  detail.status = "ISSUED";
  detail.type = "AMAZON_ISSUED";
  detail.key_algorithm = "EC_prime256v1";
  detail.signature_algorithm = "SHA256WITHECDSA";
  detail.renewal_eligibility = "INELIGIBLE";
  const auto issued = issue(names_of(detail));
  if (!issued) {
    return util::unexpected(issued.error());
  }
  show_issued(certificate, *issued);
  save(certificate);
  response.certificate_arn = certificate.arn();
  const std::string arn = certificate.arn();
  certificates_[arn] = std::move(certificate);
  renew_when_due(arn);
  return response;
}

acm::CertificateDetail Acm::shown(const Certificate& certificate) const {
  acm::CertificateDetail detail = certificate.detail;
  detail.in_use_by = users_ ? users_(certificate.arn()) : std::vector<std::string>{};
  return detail;
}

acm::CertificateSummary Acm::summary(const Certificate& certificate) const {
  const acm::CertificateDetail& detail = certificate.detail;
  acm::CertificateSummary out;
  out.certificate_arn = detail.certificate_arn;
  out.domain_name = detail.domain_name;
  out.subject_alternative_name_summaries = detail.subject_alternative_names;
  out.has_additional_subject_alternative_names = false;
  out.status = detail.status;
  out.type = detail.type;
  out.key_algorithm = detail.key_algorithm;
  out.in_use = users_ && !users_(certificate.arn()).empty();
  out.not_before = detail.not_before;
  out.not_after = detail.not_after;
  out.created_at = detail.created_at;
  out.issued_at = detail.issued_at;
  return out;
}

util::Result<acm::DescribeCertificateResponse, ApiError> Acm::describe(
    const acm::DescribeCertificateRequest& request) {
  const auto found = find(request.certificate_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  acm::DescribeCertificateResponse response;
  response.certificate = shown(**found);
  return response;
}

util::Result<acm::ListCertificatesResponse, ApiError> Acm::list(
    const acm::ListCertificatesRequest& request) {
  std::vector<acm::CertificateSummary> all;
  for (const auto& [arn, certificate] : certificates_) {
    const auto& wanted = request.certificate_statuses;
    if (wanted.empty() || std::ranges::find(wanted, "ISSUED") != wanted.end()) {
      all.push_back(summary(certificate));
    }
  }
  auto page = take_page(std::move(all), request.next_token, request.max_items.value_or(1000));
  if (!page) {
    return util::unexpected(
        ApiError{"ValidationException", "The pagination token is not valid.", 400});
  }
  acm::ListCertificatesResponse response;
  response.certificate_summary_list = std::move(page->items);
  response.next_token = std::move(page->next);
  return response;
}

util::Result<acm::GetCertificateResponse, ApiError> Acm::get(
    const acm::GetCertificateRequest& request) {
  const auto found = find(request.certificate_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  const auto pair = key_pair(request.certificate_arn);
  const auto authority = authority_.get(wall_time(context_));
  acm::GetCertificateResponse response;
  if (pair != nullptr && authority) {
    response.certificate = pair->chain;
    response.certificate_chain = (*authority)->certificate();
  }
  return response;
}

util::Result<acm::DeleteCertificateResponse, ApiError> Acm::remove(
    const acm::DeleteCertificateRequest& request) {
  const auto found = find(request.certificate_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  if (users_ && !users_(request.certificate_arn).empty()) {
    return util::unexpected(ApiError{"ResourceInUseException",
                                     "Certificate " + request.certificate_arn + " in account " +
                                         context_.account + " is in use.",
                                     400});
  }
  context_.store.remove(kCertificateKind, request.certificate_arn);
  certificates_.erase(request.certificate_arn);
  return acm::DeleteCertificateResponse{};
}

util::Result<acm::AddTagsToCertificateResponse, ApiError> Acm::add_tags(
    const acm::AddTagsToCertificateRequest& request) {
  const auto found = find(request.certificate_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  apply_tags((*found)->tags, request.tags);
  save(**found);
  return acm::AddTagsToCertificateResponse{};
}

util::Result<acm::RemoveTagsFromCertificateResponse, ApiError> Acm::remove_tags(
    const acm::RemoveTagsFromCertificateRequest& request) {
  const auto found = find(request.certificate_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  for (const acm::Tag& tag : request.tags) {
    std::erase_if((*found)->tags, [&](const acm::Tag& old) {
      return old.key == tag.key && (!tag.value || old.value == tag.value);
    });
  }
  save(**found);
  return acm::RemoveTagsFromCertificateResponse{};
}

util::Result<acm::ListTagsForCertificateResponse, ApiError> Acm::list_tags(
    const acm::ListTagsForCertificateRequest& request) {
  const auto found = find(request.certificate_arn);
  if (!found) {
    return util::unexpected(found.error());
  }
  acm::ListTagsForCertificateResponse response;
  response.tags = (*found)->tags;
  return response;
}

}  // namespace local
