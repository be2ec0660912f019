#include <array>

#include <unistd.h>

#include "local/certificates/authority.hpp"
#include "local/daemon/files.hpp"

namespace local {

namespace {

std::string machine_name() {
  std::array<char, 64> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "this machine";
}

}  // namespace

util::Result<const Authority*, std::string> LocalAuthority::get(Authority::Time now) {
  if (authority_) {
    return &*authority_;
  }
  if (directory_.empty()) {
    return &authority_.emplace(Authority::make(machine_name(), now));
  }
  const std::string path = directory_ + "/authority.pem";
  if (auto text = daemon::read_small_file(path)) {
    authority_ = Authority::from_pem(std::move(*text), now);
  }
  if (!authority_) {
    authority_ = Authority::make(machine_name(), now);
    if (auto written = daemon::write_private_file(path, authority_->to_pem()); !written) {
      authority_.reset();
      return util::unexpected(path + ": " + written.error());
    }
  }
  if (daemon::read_small_file(certificate_path()) != authority_->certificate()) {
    if (auto written = daemon::write_private_file(certificate_path(), authority_->certificate());
        !written) {
      return util::unexpected(certificate_path() + ": " + written.error());
    }
  }
  return &*authority_;
}

}  // namespace local
