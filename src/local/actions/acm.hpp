#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "awsapi/acm.hpp"
#include "local/action_table.hpp"
#include "local/actions/certificate_source.hpp"
#include "local/certificates/authority.hpp"
#include "local/context.hpp"

namespace local {

// Certificate Manager: requests are granted at once by the local authority, whatever their
// validation asks for. Only what was requested is stored; keys live in memory, and a new process
// issues anew.
class Acm final : public CertificateSource {
 public:
  Acm(Context& context, LocalAuthority& authority) : context_(context), authority_(authority) {}

  void add_actions(ActionTable& actions);
  void restore();

  // Who uses a certificate: the load balancers' ARNs.
  void set_users(std::function<std::vector<std::string>(const std::string& arn)> users) {
    users_ = std::move(users);
  }

  // Called after certificates were issued anew.
  void on_renewed(std::function<void()> observer) { renewed_ = std::move(observer); }

  std::shared_ptr<const balancer::KeyPair> key_pair(const std::string& arn) override;
  std::shared_ptr<const balancer::KeyPair> stand_in(const std::vector<std::string>& names) override;

 private:
  struct Certificate {
    awsapi::acm::CertificateDetail detail;
    std::vector<awsapi::acm::Tag> tags;
    std::string token;  // of the request
    // Made when first asked for.
    std::shared_ptr<const balancer::KeyPair> pair = nullptr;

    [[nodiscard]] const std::string& arn() const { return *detail.certificate_arn; }
  };

  template <class T>
  using Answer = util::Result<T, ApiError>;

  Answer<Certificate*> find(const std::string& arn);
  Answer<IssuedCertificate> issue(const std::vector<std::string>& names);
  void show_issued(Certificate& certificate, const IssuedCertificate& issued) const;
  void renew_when_due(const std::string& arn);
  void save(const Certificate& certificate);
  [[nodiscard]] awsapi::acm::CertificateDetail shown(const Certificate& certificate) const;
  [[nodiscard]] awsapi::acm::CertificateSummary summary(const Certificate& certificate) const;

  Answer<awsapi::acm::RequestCertificateResponse> request(
      const awsapi::acm::RequestCertificateRequest& request);
  Answer<awsapi::acm::DescribeCertificateResponse> describe(
      const awsapi::acm::DescribeCertificateRequest& request);
  Answer<awsapi::acm::ListCertificatesResponse> list(
      const awsapi::acm::ListCertificatesRequest& request);
  Answer<awsapi::acm::GetCertificateResponse> get(
      const awsapi::acm::GetCertificateRequest& request);
  Answer<awsapi::acm::DeleteCertificateResponse> remove(
      const awsapi::acm::DeleteCertificateRequest& request);
  Answer<awsapi::acm::AddTagsToCertificateResponse> add_tags(
      const awsapi::acm::AddTagsToCertificateRequest& request);
  Answer<awsapi::acm::RemoveTagsFromCertificateResponse> remove_tags(
      const awsapi::acm::RemoveTagsFromCertificateRequest& request);
  Answer<awsapi::acm::ListTagsForCertificateResponse> list_tags(
      const awsapi::acm::ListTagsForCertificateRequest& request);

  Context& context_;
  LocalAuthority& authority_;
  std::function<std::vector<std::string>(const std::string&)> users_;
  std::function<void()> renewed_;
  std::map<std::string, Certificate> certificates_;  // by ARN
  std::map<std::vector<std::string>, std::shared_ptr<const balancer::KeyPair>> stand_ins_;
};

}  // namespace local
