#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.hpp"

namespace local {

// PEM.
struct IssuedCertificate {
  std::string certificate;  // the leaf; the authority's own is what clients trust
  std::string key;
  std::string serial;  // "4a:0b:…"
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
};

// A certificate authority for this machine alone: it can only speak for names that never leave it
// (localhost, *.localhost, .local, .test, .internal, .home.arpa) and for loopback addresses, by
// name constraints that every client checks. So a stolen key can do no harm elsewhere.
class Authority {
 public:
  using Time = std::chrono::system_clock::time_point;

  // `text`: what to_pem gave. Nothing when it is damaged or has expired.
  static std::optional<Authority> from_pem(std::string text, Time now);
  // `machine` is part of the name that people see among their trusted authorities.
  static Authority make(std::string_view machine, Time now);

  // Key and certificate in one text, so that they cannot part.
  [[nodiscard]] const std::string& to_pem() const { return both_; }

  [[nodiscard]] const std::string& certificate() const { return certificate_; }

  // For those of `names` it may speak for, for "<name>.localhost" of the others, and always for
  // localhost and the loopback addresses that listeners use. Wildcards as in certificates.
  [[nodiscard]] IssuedCertificate issue(const std::vector<std::string>& names, Time now) const;

 private:
  Authority(std::string both, std::string certificate)
      : both_(std::move(both)), certificate_(std::move(certificate)) {}

  std::string both_;
  std::string certificate_;
};

// The names that a certificate for `names` gets from this authority.
std::vector<std::string> local_names(const std::vector<std::string>& names);

// The authority of one engine, made when it is first needed and then kept in `directory`
// (authority.pem, 0600; authority.crt is the part to trust). An empty directory: in memory only.
class LocalAuthority {
 public:
  explicit LocalAuthority(std::string directory) : directory_(std::move(directory)) {}

  // What is on disk, or a new one. The reason when the file cannot be written.
  util::Result<const Authority*, std::string> get(Authority::Time now);

  [[nodiscard]] std::string certificate_path() const { return directory_ + "/authority.crt"; }

 private:
  std::string directory_;
  std::optional<Authority> authority_;
};

}  // namespace local
