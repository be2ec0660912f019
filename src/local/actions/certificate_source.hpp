#pragma once

#include <memory>
#include <string>
#include <vector>

#include "local/balancer/data_plane.hpp"

namespace local {

// Certificates with their keys, as listeners need them; the ACM module implements it.
class CertificateSource {
 public:
  CertificateSource() = default;
  CertificateSource(const CertificateSource&) = delete;
  CertificateSource& operator=(const CertificateSource&) = delete;
  virtual ~CertificateSource() = default;

  // Null for an ARN that nobody has here.
  virtual std::shared_ptr<const balancer::KeyPair> key_pair(const std::string& arn) = 0;
  // For a certificate of another account, which cannot be had: one of the local authority for these
  // names.
  virtual std::shared_ptr<const balancer::KeyPair> stand_in(
      const std::vector<std::string>& names) = 0;
};

}  // namespace local
